"""`python -m dashboard import network|demand`: what people walk on, and where they live."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from dashboard.commands.import_parts import (
    CrsOption,
    DistrictOption,
    FileArgument,
    LayerOption,
    MapOption,
    ProfileOption,
    ReportOption,
    app,
    opened,
    out,
    profile_of,
    report_path,
    steps,
    tell,
)


@app.command()
def network(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="Whose ways they are; default: the file's name.")] = "",
    day: Annotated[str, typer.Option("--date", help="Day the ways were true, YYYY-MM-DD.")] = "",
    margin: Annotated[float, typer.Option(help="Metres beyond the district that are kept.")] = 1_500.0,
    cut: Annotated[
        bool, typer.Option("--cut", help="Join lines wherever they cross, not only at common points.")
    ] = False,
    district: DistrictOption = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    layer: LayerOption = "",
) -> None:
    """Replace the walking network of a district: an OpenStreetMap extract, or lines of GeoPackage, GeoJSON, Shapefile.

    Examples: python -m dashboard import network city.osm.pbf · python -m dashboard import network ways.gpkg --cut
    """
    from db.write.walking_file import import_network
    from gis.errors import InputFault

    try:
        told = date.fromisoformat(day) if day else None
    except ValueError:
        raise InputFault(f"--date {day!r} is not a day: YYYY-MM-DD") from None
    with opened() as conn, steps() as say:
        say("reading")
        done = import_network(
            conn, file, profile_of(profile, columns), source=source, source_date=told, district_code=district, crs=crs,
            layer=layer, cut=cut, margin_m=margin,
        )  # fmt: skip
    said = done.report
    out.print(
        f"network of district {done.district_code} from {done.source} ({done.source_date or 'no date told'}): "
        f"{said['nodes']:,} nodes, {said['edges']:,} edges, {said['edge_km']:,} km, version {done.content_hash[:8]}"
    )
    parts = f"{said['components']:,} connected parts, {said['island_nodes']:,} nodes off the largest"
    out.print(f"· {parts}; reaches {done.margin_m:,.0f} m beyond the border")
    counted = {"steps": "stairs", "one_way_edges": "one-way edges", "gates": "gates", "closed_gates": "shut gates",
               "parallel_edges": "parallel edges", "squares": "squares", "skipped": "other features"}  # fmt: skip
    rest = ", ".join(f"{said[name]:,.0f} {words}" for name, words in counted.items() if said.get(name))
    if rest:
        out.print(f"· {rest}")


@app.command()
def demand(
    file: FileArgument,
    kind: Annotated[str, typer.Option(help="What a row is: building, compound (its entrance) or cell.")] = "building",
    spread: Annotated[
        bool, typer.Option("--spread", help="Buildings without people: spread those of the areas over them.")
    ] = False,
    source: Annotated[str, typer.Option(help="Whose list it is; default: the file's name.")] = "",
    district: DistrictOption = "",
    profile: ProfileOption = "",
    columns: MapOption = None,
    crs: CrsOption = "",
    layer: LayerOption = "",
    report: ReportOption = None,
) -> None:
    """Replace the homes of a district: buildings or compounds with people and over-60s, or buildings to spread over.

    Examples: python -m dashboard import demand homes.csv --map people=residents
    · python -m dashboard import demand buildings.gpkg --spread
    """
    from db.write.demand import import_demand

    with opened() as conn, steps() as say:
        say("importing")
        done = import_demand(
            conn, file, profile_of(profile, columns), kind=kind, spread=spread, source=source, district_code=district,
            crs=crs, layer=layer,
        )  # fmt: skip
    told = "spread over buildings, an estimate" if spread else "as told"
    out.print(
        f"{done.total:,} rows: {done.stored:,} homes stored ({done.outside:,} outside), {done.empty:,} without people, "
        f"{done.refused:,} refused"
    )
    out.print(f"· {done.people:,.0f} people, {done.over60:,.0f} over 60, {told}")
    tell(done.findings, report or report_path("demand", file))
