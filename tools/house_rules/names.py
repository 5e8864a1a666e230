"""Rules on names, so that two stacks can exist in one account and region."""

from collections.abc import Iterator
from typing import Final

from tools.house_rules.shape import FUNCTION, of_type, text, variables
from tools.template import Template

STACK_NAME: Final = "${AWS::StackName}"
# The property that must be unique in an account and region, by type. Without it, CloudFormation makes a name up.
NAMED_BY: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::Schedule": "Name",
}


def names_are_the_stacks_own(template: Template) -> Iterator[str]:
    """Require that fixed names contain the stack's: without it, a second stack cannot be created."""
    for kind, key in NAMED_BY.items():
        for name, properties in of_type(template, kind).items():
            if key in properties and not is_stack_name(properties[key]) and STACK_NAME not in text(properties[key]):
                yield f"{name} has the same name in every stack."


def functions_count_for_their_own_stack(template: Template) -> Iterator[str]:
    """Require that metrics carry the stack's name: without it, one stack's metrics raise another's alarms."""
    for name, function in of_type(template, FUNCTION).items():
        if not is_stack_name(variables(function).get("POWERTOOLS_SERVICE_NAME")):
            yield f"{name} counts under a name that every stack has."


def is_stack_name(node: object) -> bool:
    """Check whether a value is the stack's name, by Ref or by Sub."""
    return node == {"Ref": "AWS::StackName"} or text(node) == STACK_NAME
