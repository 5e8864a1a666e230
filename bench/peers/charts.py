"""POST /api/charts/{id} with FastAPI and Mangum."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from mangum import Mangum
from pydantic import JsonValue

from .service import Model, logger, requires, supabase

app = FastAPI()


class Chart(Model):
    """A chart with its data."""

    id: UUID
    title: str
    data: JsonValue
    generated_at: str


class ChartAnswer(Model):
    """The chart, generated and persisted."""

    ok: bool = True
    chart: Chart


@app.post("/api/charts/{chart_id}")
async def generate(chart_id: UUID, user: Annotated[str, Depends(requires("charts:generate"))]) -> ChartAnswer:
    """Read the definition, then have the database generate and persist."""
    columns = "id,campaign_id,title,config"
    stored = await supabase.table("charts").select(columns).eq("id", str(chart_id)).single().execute()
    found: Any = stored.data
    arguments = {"chart_id": str(chart_id), "campaigns": [found["campaign_id"]]}
    answer = await supabase.rpc("generate_chart", arguments).execute()
    outcome: Any = answer.data
    if not outcome.get("chart"):
        raise HTTPException(502, outcome["outcome"])
    logger.info("chart user=%s chart=%s", user, chart_id)
    return ChartAnswer(chart=Chart.model_validate(outcome["chart"]))


handler = Mangum(app, lifespan="off")
