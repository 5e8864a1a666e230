"""The template as CloudFormation sees it: translated by SAM, for certain values of its parameters."""

import logging
from collections.abc import Mapping

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.intrinsics import Resolver
from tools.template import REGION, Template

# It warns of each feature that SAM's own service may switch on.
logging.getLogger("samtranslator.feature_toggle").setLevel(logging.ERROR)


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """Translate a template with SAM, which changes the argument.

    Raises:
        InvalidDocumentException: it is not a SAM template.
    """
    _point_at_packages(template)
    # The template names no managed policy, so none has to be looked up.
    translator = Translator({}, Parser(), boto_session=Session(region_name=REGION))
    result: Template = translator.translate(sam_template=template, parameter_values=dict(parameters))
    # The metrics go nowhere; SAM warns of those that are not published at the end.
    translator.metrics.publish()
    return result


def _point_at_packages(template: Template) -> None:
    """Point at code in S3, as `sam package` does: SAM takes nothing else."""
    parts = [resource["Properties"] for resource in template["Resources"].values() if "Properties" in resource]
    for properties in (template["Globals"]["Function"], *parts):
        for key in ("CodeUri", "ContentUri"):
            if not properties.get(key, "s3://").startswith("s3://"):
                properties[key] = f"s3://bucket/{properties[key]}"


def resolve(template: Template, parameters: Mapping[str, str]) -> Template:
    """Replace the parameters and conditions of a translated template by their values, for a linter."""
    declared = template.get("Parameters", {})
    values = {name: parameters.get(name, parameter.get("Default", "")) for name, parameter in declared.items()}
    resolver = Resolver(values, template.get("Conditions", {}), keeps_unknown=True)
    resources = {
        name: resolver.resolve({key: part for key, part in resource.items() if key != "Condition"})
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or resolver.holds(resource["Condition"])
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
