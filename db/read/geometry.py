"""Outlines and the base map as GeoJSON text, written by PostGIS; each layer is sent once per geometry version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from db.tables import area, base_feature, lineage, quality_issue, source_cell
from gis.codes import Level

_DIGITS = 6  # a millionth of a degree: about 0.1 m
AREA_LAYERS = {
    "districts": Level.DISTRICT,
    "streets": Level.STREET,
    "communities": Level.COMMUNITY,
    "cells": Level.CELL,
}
BASE_LAYERS = ("road", "alley", "rail", "water", "green", "compound", "gate")


def _as_collection(feature: ColumnElement[Any], order: ColumnElement[Any]) -> ColumnElement[str]:
    features = func.coalesce(func.jsonb_agg(aggregate_order_by(feature, order)), cast(literal("[]"), JSONB))
    return cast(func.jsonb_build_object("type", "FeatureCollection", "features", features), Text)


def area_layer(conn: Connection, district_code: str, level: Level) -> str:
    """Return the outlines of one level of a district: feature id = code, properties code, name, en."""
    feature = func.jsonb_build_object(
        "type", "Feature", "id", area.c.code,
        "properties", func.jsonb_build_object("code", area.c.code),
        "geometry", func.ST_AsGeoJSON(area.c.geom, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = select(_as_collection(feature, area.c.code)).where(
        area.c.district_code == district_code, area.c.level == int(level), area.c.valid_to.is_(None)
    )
    return conn.execute(stmt).scalar_one()


def outside_layer(conn: Connection, district_code: str) -> str:
    """Return everything around a district as one polygon with the district as its hole, to cover what spills over."""
    around = func.ST_Difference(func.ST_Expand(func.ST_Envelope(area.c.geom), 1.5), area.c.geom)
    feature = func.jsonb_build_object(
        "type", "Feature", "properties", func.jsonb_build_object("code", area.c.code),
        "geometry", func.ST_AsGeoJSON(around, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = select(_as_collection(feature, area.c.code)).where(area.c.code == district_code, area.c.valid_to.is_(None))
    return conn.execute(stmt).scalar_one()


def label_layer(conn: Connection, district_code: str) -> str:
    """Return the label points of streets and communities: properties code, level, zh (short when known), en."""
    feature = func.jsonb_build_object(
        "type", "Feature",
        "properties", func.jsonb_build_object(
            "code", area.c.code, "level", area.c.level, "order", area.c.official_order,
            "zh", func.coalesce(func.nullif(area.c.short_zh, ""), area.c.name_zh),
            "en", func.regexp_replace(
                func.coalesce(func.nullif(area.c.name_en, ""), area.c.name_zh), " (Subdistrict|Community)$", ""
            ),
        ),
        "geometry", func.ST_AsGeoJSON(area.c.label_point, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = select(_as_collection(feature, area.c.code)).where(
        area.c.district_code == district_code, area.c.level.in_((9, 12)), area.c.valid_to.is_(None)
    )
    return conn.execute(stmt).scalar_one()


def base_layer(conn: Connection, district_code: str, layer: str) -> str:
    """Return one layer of the base map: properties class, name. Alleys are a layer of their own: most roads are."""
    feature = func.jsonb_build_object(
        "type", "Feature",
        "properties", func.jsonb_build_object("class", base_feature.c["class"], "name", base_feature.c.name_zh),
        "geometry", func.ST_AsGeoJSON(base_feature.c.geom, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = select(_as_collection(feature, base_feature.c.id)).where(
        base_feature.c.district_code == district_code, base_feature.c.layer == ("road" if layer == "alley" else layer)
    )
    if layer in ("road", "alley"):
        stmt = stmt.where((base_feature.c["class"] == "alley") == (layer == "alley"))
    return conn.execute(stmt).scalar_one()


def lineage_layer(conn: Connection, cell_code: str) -> str:
    """Return the outlines of the source cells that a unified cell came from: properties grid, code, share."""
    feature = func.jsonb_build_object(
        "type", "Feature",
        "properties", func.jsonb_build_object(
            "grid", source_cell.c.grid, "code", source_cell.c.code, "share", lineage.c.area_share
        ),
        "geometry", func.ST_AsGeoJSON(source_cell.c.geom, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = (
        select(_as_collection(feature, source_cell.c.id))
        .join(lineage, lineage.c.source_cell_id == source_cell.c.id)
        .where(lineage.c.cell_code == cell_code, lineage.c.area_share > 0.001)
    )
    return conn.execute(stmt).scalar_one()


def quality_layer(conn: Connection, district_code: str, kind: str) -> str:
    """Return the places of the recorded faults of one kind: properties id, area."""
    feature = func.jsonb_build_object(
        "type", "Feature",
        "properties", func.jsonb_build_object("id", quality_issue.c.id, "area", quality_issue.c.area_code),
        "geometry", func.ST_AsGeoJSON(quality_issue.c.geom, _DIGITS, 0).cast(JSONB),
    )  # fmt: skip
    stmt = select(_as_collection(feature, quality_issue.c.id)).where(
        quality_issue.c.district_code == district_code, quality_issue.c.kind == kind, quality_issue.c.geom.is_not(None)
    )
    return conn.execute(stmt).scalar_one()
