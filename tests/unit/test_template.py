import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
from samtranslator.translator.logical_id_generator import LogicalIdGenerator

from local.intrinsics import parse_template
from tests.unit.test_start import NEEDS
from tools.check_template import cfn_lint
from tools.cloudformation import resolve, translate
from tools.house_rules import violations
from tools.house_rules.shape import FUNCTION, of_type, routes, variables
from tools.metrics import OWN_NAMESPACE
from tools.openapi import route_modules
from tools.template import EVERYTHING, REGION, REQUIRED, TEMPLATE, Properties, Template, read_template

ROOT = Path(__file__).parents[2]
OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text())


def resolve_all(parameters: Mapping[str, str] = REQUIRED) -> Template:
    return resolve(translate(read_template(), parameters), parameters)


@pytest.mark.parametrize("parameters", [REQUIRED, EVERYTHING], ids=["required", "everything"])
def test_the_template_breaks_no_house_rule(parameters: Mapping[str, str]) -> None:
    assert violations(resolve_all(parameters)) == []


@pytest.mark.parametrize("parameters", [REQUIRED, EVERYTHING], ids=["required", "everything"])
def test_what_sam_makes_of_the_template_passes_the_linter(parameters: Mapping[str, str]) -> None:
    assert list(cfn_lint(resolve_all(parameters))) == []


def test_the_routes_are_those_of_the_contract() -> None:
    contract = {f"{method.upper()} {path}" for path, operations in OPENAPI["paths"].items() for method in operations}

    assert routes(resolve_all()).keys() == contract


def test_every_handler_can_be_imported_and_called() -> None:
    handlers = [function["Handler"] for function in of_type(resolve_all(), FUNCTION).values()]

    for module, _, name in (handler.rpartition(".") for handler in handlers):
        assert callable(getattr(import_module(module), name))
    assert len(handlers) == len(set(handlers))


def test_every_function_is_built_with_the_folder_of_its_handler() -> None:
    makefile = (ROOT / "functions" / "Makefile").read_text()
    rules = re.findall(r"^(build-.+):\n\t\$\(BUILD\) (\w+) ", makefile, re.MULTILINE)
    folders = {target.removeprefix("build-"): folder for targets, folder in rules for target in targets.split()}
    handlers = {name: function["Handler"] for name, function in of_type(resolve_all(), FUNCTION).items()}

    assert folders == {name: handler.partition(".")[0] for name, handler in handlers.items()}


def test_required_parameters_have_no_default_that_could_hide_them() -> None:
    parameters = read_template()["Parameters"]

    assert {name for name, parameter in parameters.items() if "Default" not in parameter} == {
        "DirectusUrl",
        "SupabaseUrl",
    }


def test_parameters_are_described_constrained_and_grouped() -> None:
    template = read_template()
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    limits = {"AllowedValues", "AllowedPattern", "MinValue"}

    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        assert limits & parameter.keys(), name
        assert "AllowedPattern" not in parameter or parameter["ConstraintDescription"], name
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(template["Parameters"])


def test_origins_reach_the_api_one_by_one_with_credentials_allowed() -> None:
    (api,) = of_type(resolve_all(EVERYTHING), "AWS::ApiGatewayV2::Api").values()

    cors = api["Body"]["x-amazon-apigateway-cors"]

    assert cors["allowOrigins"] == ["https://app.example.org", "https://preview.example.org"]
    assert cors["allowCredentials"] is True
    assert "authorization" in cors["allowHeaders"]


def test_without_origins_there_is_no_cors_at_all() -> None:
    (api,) = of_type(resolve_all(REQUIRED | {"AllowedOrigins": ""}), "AWS::ApiGatewayV2::Api").values()

    assert "x-amazon-apigateway-cors" not in api["Body"]


def test_access_logs_say_nothing_about_the_caller() -> None:
    (stage,) = of_type(resolve_all(), "AWS::ApiGatewayV2::Stage").values()

    logged = json.loads(stage["AccessLogSettings"]["Format"]).values()

    assert not [
        each for each in logged if "identity" in each or "authorizer" in each or each.endswith(("path", "Path"))
    ]


def versions(template: Template) -> set[str]:
    return {name for name, each in template["Resources"].items() if each["Type"] == "AWS::Lambda::Version"}


def test_a_new_release_reaches_every_alias() -> None:
    one, other = (translate(read_template(), REQUIRED | {"Release": release}) for release in ("one", "other"))

    assert len(versions(one)) == len(of_type(one, FUNCTION))
    assert not versions(one) & versions(other)


def test_a_new_release_changes_every_function_as_lambda_publishes_no_version_of_the_same() -> None:
    functions = of_type(resolve_all(REQUIRED | {"Release": "one"}), FUNCTION)

    assert {function["Description"] for function in functions.values()} == {"one"}


def test_a_version_stays_to_go_back_to_until_make_deletes_it() -> None:
    template = translate(read_template(), REQUIRED)
    kept = {template["Resources"][name].get("DeletionPolicy") for name in versions(template)}

    assert kept == {"Retain"}


def test_a_deployment_that_fails_goes_back_to_the_version_before() -> None:
    template = translate(read_template(), REQUIRED)
    aliases = of_type(template, "AWS::Lambda::Alias").values()

    # The old version stays where it is: the new one is another resource.
    assert {alias["FunctionVersion"]["Fn::GetAtt"][0] for alias in aliases} == versions(template)
    assert not versions(template) & versions(translate(read_template(), REQUIRED | {"Release": "next"}))


def test_every_release_that_the_documentation_names_can_be_deployed_and_is_another_one() -> None:
    documented = [
        name for page in ROOT.glob("docs/*.md") for name in re.findall(r"RELEASE=([^\s`]+)", page.read_text())
    ]
    published = [versions(translate(read_template(), REQUIRED | {"Release": name})) for name in documented]

    assert documented
    for name, ids in zip(documented, published, strict=True):
        assert re.fullmatch(read_template()["Parameters"]["Release"]["AllowedPattern"], name)
        assert all(logical_id.isalnum() for logical_id in ids), "CloudFormation takes letters and digits alone"
    assert len(set[str]().union(*published)) == sum(map(len, published))


def test_two_releases_that_are_allowed_never_count_as_one() -> None:
    allowed = read_template()["Parameters"]["Release"]["AllowedPattern"]

    assert not re.fullmatch(allowed, "a" * (LogicalIdGenerator.HASH_LENGTH + 1)), "SAM looks at no more than that"
    assert re.fullmatch(allowed, "a" * LogicalIdGenerator.HASH_LENGTH)


def test_a_release_that_was_not_named_is_refused() -> None:
    template = read_template()
    (assertion,) = template["Rules"]["ReleaseIsNamed"]["Assertions"]

    assert template["Parameters"]["Release"]["Default"] == "none"
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Release"}, "none"]}]}


@pytest.mark.parametrize("choice", ["None", "PublishedVersions"])
def test_snapstart_is_a_parameter(choice: str) -> None:
    functions = of_type(resolve_all(REQUIRED | {"SnapStart": choice}), FUNCTION)

    assert {function["SnapStart"]["ApplyOn"] for function in functions.values()} == {choice}


@pytest.mark.parametrize("choice", ["arm64", "x86_64"])
def test_functions_and_layer_have_the_chosen_architecture(choice: str) -> None:
    template = resolve_all(REQUIRED | {"Architecture": choice})
    layers = of_type(template, "AWS::Lambda::LayerVersion")

    assert {*map(str, (f["Architectures"] for f in of_type(template, FUNCTION).values()))} == {str([choice])}
    assert [layer["CompatibleArchitectures"] for layer in layers.values()] == [[choice]]


@pytest.mark.parametrize(
    ("parameter", "functions"),
    [
        ("SearchConcurrency", {"SearchFunction", "CommonSearchFunction"}),
        ("ChartRouteConcurrency", {"ChartFunction"}),
    ],
)
def test_what_runs_at_once_can_be_bounded_and_is_not_unless_said(parameter: str, functions: set[str]) -> None:
    reserved = {
        name: function.get("ReservedConcurrentExecutions")
        for name, function in of_type(resolve_all(REQUIRED | {parameter: "7"}), FUNCTION).items()
    }
    unsaid = [each.get("ReservedConcurrentExecutions") for each in of_type(resolve_all(), FUNCTION).values()]

    assert {name for name, bound in reserved.items() if bound == "7"} == functions
    assert not any(unsaid)


def test_the_parameter_says_how_many_charts_the_database_must_bear() -> None:
    described = read_template()["Parameters"]["ChartConcurrency"]["Description"]
    (worker,) = (
        each for each in of_type(resolve_all(), FUNCTION).values() if each["Handler"] == "charts.worker.handler"
    )
    assert worker["Environment"]["Variables"]["CHARTS_AT_ONCE"] == "2"
    assert "2 at a time" in described
    assert "twice as many" in described


def test_each_function_has_the_memory_that_was_weighed() -> None:
    page = (ROOT / "docs/performance.md").read_text()
    said = re.findall(r"^\| (`[a-z.]+`.*?) \| ([0-9,]+) MB \| ", page, re.MULTILINE)
    weighed = {
        module: int(memory.replace(",", "")) for names, memory in said for module in re.findall(r"`(.*?)`", names)
    }
    found = {
        each["Handler"].rpartition(".")[0]: each["MemorySize"] for each in of_type(resolve_all(), FUNCTION).values()
    }
    assert weighed.items() <= found.items()
    assert len(weighed) == 7
    assert {found[module] for module in found.keys() - weighed.keys()} <= {512}


SESSIONS = {"SUPABASE_JWT_SECRET"}
FALLBACK = {"DIRECTUS_API_EMAIL_SEARCH", "DIRECTUS_API_PASSWORD_SEARCH"}
SECRETS_THAT_MAY_BE_UNSET = {
    **dict.fromkeys(route_modules(), SESSIONS),
    "essearch.app": SESSIONS | FALLBACK,
    "permissions.app": SESSIONS | {"NEXT_REVALIDATE_SECRET"},
}


def by_module(template: Template) -> dict[str, Properties]:
    functions = of_type(template, FUNCTION).values()
    return {function["Handler"].removesuffix(".handler"): variables(function) for function in functions}


@pytest.mark.parametrize("module", NEEDS)
def test_a_function_is_given_what_it_cannot_start_without(module: str) -> None:
    assert NEEDS[module] <= by_module(resolve_all())[module].keys()


@pytest.mark.parametrize("module", NEEDS)
def test_a_function_is_given_no_secret_that_it_does_not_use(module: str) -> None:
    given = by_module(resolve_all(EVERYTHING))[module]
    secret = {name for name, value in given.items() if str(value).startswith("secretsmanager:")}

    assert secret <= NEEDS[module] | SECRETS_THAT_MAY_BE_UNSET.get(module, set())


def test_the_credentials_that_the_documentation_adds_reach_the_one_search_alone() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    found = re.search(r"```yaml\n  # SearchFunction\n(.*?)  # SearchRole\n(.*?)```", page, re.DOTALL)
    assert found
    before, start, after = TEMPLATE.read_text().partition("\n  SearchFunction:\n")

    after = after.replace("      Events:\n", found[1] + "      Events:\n", 1)
    after = after.replace("\n  SearchLogs:", found[2] + "\n  SearchLogs:", 1)

    template = resolve(translate(parse_template(before + start + after), REQUIRED), REQUIRED)
    assert "DIRECTUS_PASSWORD_NORTH" in by_module(template)["essearch.app"]
    assert violations(template) == []


def test_only_the_two_public_routes_can_be_opened() -> None:
    functions = of_type(resolve_all(EVERYTHING), FUNCTION)

    assert {name for name, function in functions.items() if "ALLOW_ANONYMOUS" in variables(function)} == {
        "CommonSearchFunction",
        "DuplicateFunction",
    }


def test_the_default_of_every_route_is_closed() -> None:
    assert {
        variables(function).get("ALLOW_ANONYMOUS", "false") for function in of_type(resolve_all(), FUNCTION).values()
    } == {"false"}


def test_functions_count_where_the_alarms_look() -> None:
    counted = [variables(function) for function in of_type(resolve_all(), FUNCTION).values()]

    assert {each["POWERTOOLS_METRICS_NAMESPACE"] for each in counted} == {OWN_NAMESPACE}


def test_nothing_is_bound_to_one_account_or_region() -> None:
    template = json.dumps(read_template())

    assert REGION not in template
    assert "arn:aws:" not in template


@pytest.mark.parametrize(("given", "gradual"), [("true", True), ("True", True), ("false", False), ("False", False)])
def test_a_release_is_rolled_out_gradually_unless_that_is_off(given: str, *, gradual: bool) -> None:
    template = resolve_all(REQUIRED | {"GradualRollOut": given})
    found = of_type(template, "AWS::CodeDeploy::DeploymentGroup").values()

    assert len(found) == (len(of_type(template, FUNCTION)) if gradual else 0)
    assert {str(each["DeploymentConfigName"]) for each in found} <= {"CodeDeployDefault.LambdaCanary10Percent5Minutes"}


@pytest.mark.parametrize("domain", [True, False])
def test_with_a_domain_of_its_own_the_api_answers_there_alone(*, domain: bool) -> None:
    parameters = EVERYTHING if domain else REQUIRED
    (api,) = of_type(resolve_all(parameters), "AWS::ApiGatewayV2::Api").values()

    (server,) = api["Body"]["servers"]
    assert server["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": domain}
