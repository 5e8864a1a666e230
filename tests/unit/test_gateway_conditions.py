from pathlib import Path
from textwrap import dedent

import pytest

from local.gateway.template import load

TEMPLATE = """
    Parameters:
      Size: {Type: String, Default: large}
    Conditions:
      IsLarge: !Equals [!Ref Size, large]
      IsSmall: !Not [!Condition IsLarge]
      IsEither: !Or [!Condition IsSmall, !Condition IsLarge]
      IsBoth: !And [!Condition IsSmall, !Condition IsLarge]
    Resources:
      Echo:
        Type: AWS::Serverless::Function
        Properties:
          Handler: echo.app.handler
          Environment:
            Variables:
              LARGE: !If [IsLarge, "yes", !Ref AWS::NoValue]
              SMALL: !If [IsSmall, "yes", !Ref AWS::NoValue]
              EITHER: !If [IsEither, "yes", "no"]
              BOTH: !If [IsBoth, "yes", "no"]
"""


@pytest.mark.parametrize(("size", "variable"), [("large", "LARGE"), ("small", "SMALL")])
def test_conditions_choose_between_two_values(tmp_path: Path, size: str, variable: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(dedent(TEMPLATE))

    environment = load(path, {"Size": size}).functions["Echo"].environment

    assert environment == {variable: "yes", "EITHER": "yes", "BOTH": "no"}
