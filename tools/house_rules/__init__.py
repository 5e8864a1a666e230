"""House rules for the deployment, beyond what cfn-lint knows.

Each rule takes a translated, resolved template, and yields a sentence for each violation.
"""

from collections.abc import Callable, Iterator
from typing import Final

from tools.house_rules.alarms import (
    alarms_can_fire,
    alarms_say_what_to_do,
    dashboard_shows_what_exists,
    functions_have_alarms,
    roll_outs_stop_at_alarms,
)
from tools.house_rules.dead_letters import (
    dead_letters_have_alarms,
    queues_demand_tls,
    scheduled_functions_drop_nothing_unseen,
    schedules_have_dead_letters_of_their_own,
)
from tools.house_rules.functions import functions_log_to_a_group_with_retention, queues_lose_nothing
from tools.house_rules.names import functions_count_for_their_own_stack, names_are_the_stacks_own
from tools.house_rules.roles import (
    functions_have_their_own_role,
    roles_allow_single_actions_on_single_resources,
    roles_read_exactly_the_secrets_that_are_referred_to,
    secrets_are_references,
    secrets_hold_nothing_for_others,
)
from tools.house_rules.triggers import routes_are_answered_in_time, routes_are_throttled, schedules_are_expressions
from tools.template import Template

type Rule = Callable[[Template], Iterator[str]]

RULES: Final[tuple[Rule, ...]] = (
    functions_log_to_a_group_with_retention,
    functions_have_alarms,
    functions_have_their_own_role,
    roles_allow_single_actions_on_single_resources,
    secrets_are_references,
    roles_read_exactly_the_secrets_that_are_referred_to,
    secrets_hold_nothing_for_others,
    alarms_can_fire,
    alarms_say_what_to_do,
    roll_outs_stop_at_alarms,
    dashboard_shows_what_exists,
    routes_are_throttled,
    routes_are_answered_in_time,
    schedules_are_expressions,
    queues_lose_nothing,
    schedules_have_dead_letters_of_their_own,
    dead_letters_have_alarms,
    scheduled_functions_drop_nothing_unseen,
    queues_demand_tls,
    names_are_the_stacks_own,
    functions_count_for_their_own_stack,
)


def violations(template: Template) -> list[str]:
    """Return a sentence for everything in a template that breaks a house rule."""
    return [sentence for rule in RULES for sentence in rule(template)]
