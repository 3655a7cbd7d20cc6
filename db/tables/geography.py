"""Where things are: districts, areas at four levels, source grids with lineage, elements, buildings, base map.

All geometry is EPSG:4326. Areas and lengths are computed in the district's metric CRS before they are stored.
`code` columns use the C collation, so that a prefix search (`code LIKE '110102017%'`) can use the index.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.tables.base import metadata

Code = String(15, collation="C")

district = Table(
    "district",
    metadata,
    Column("code", Code, primary_key=True),
    Column("metric_srid", Integer, nullable=False, comment="EPSG code of the metric CRS for lengths and areas"),
    Column("timezone", Text, nullable=False),
    Column("is_demo", Boolean, nullable=False, server_default=text("false")),
    Column("geometry_version", Text, nullable=False, comment="changes whenever an outline or the base map changes"),
    Column("attribution", Text, nullable=False, server_default=""),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "facts",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="seed, build report, truth of a demo",
    ),
)

area = Table(
    "area",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Code, nullable=False),
    Column("level", SmallInteger, nullable=False, comment="digits of the code: 6, 9, 12 or 15"),
    Column("parent_code", Code),
    Column("district_code", Code, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("short_zh", Text, nullable=False, server_default=""),
    Column("pinyin", Text, nullable=False, server_default="", comment="no tones; a space between readings"),
    Column("initials", Text, nullable=False, server_default="", comment="first letters of the pinyin"),
    Column("aliases", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    Column("official_order", Integer, nullable=False, server_default="0"),
    Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
    Column("label_point", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("population", Integer, comment="null = not known, which is not zero"),
    Column("over60", Integer),
    Column("households", Integer),
    Column("population_source", Text, nullable=False, server_default=""),
    Column("population_vintage", Text, nullable=False, server_default=""),
    Column("population_is_estimate", Boolean, nullable=False, server_default=text("true")),
    Column("land_use", Text, nullable=False, server_default=""),
    Column("is_schematic", Boolean, nullable=False, server_default=text("false")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="null = in force"),
    CheckConstraint("length(code) = level AND level IN (6, 9, 12, 15)", name="code_has_level_digits"),
    CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity_is_forward"),
    UniqueConstraint("code", "valid_from"),
    Index("ix_area_geom", "geom", postgresql_using="gist"),
    Index("uq_area_code_in_force", "code", unique=True, postgresql_where=text("valid_to IS NULL")),
    Index("ix_area_level_code", "level", "code"),
)

source_cell = Table(
    "source_cell",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("grid", Text, nullable=False, comment="city_management, public_order or social_service"),
    Column("code", Text, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("population", Float),
    CheckConstraint("grid IN ('city_management', 'public_order', 'social_service')", name="grid_is_known"),
    UniqueConstraint("district_code", "grid", "code"),
    Index("ix_source_cell_geom", "geom", postgresql_using="gist"),
)

lineage = Table(
    "lineage",
    metadata,
    Column("cell_code", Code, primary_key=True),
    Column("source_cell_id", BigInteger, ForeignKey("source_cell.id", ondelete="CASCADE"), primary_key=True),
    Column("area_m2", Float, nullable=False, comment="area common to both"),
    Column("population", Float, nullable=False, comment="people common to both"),
    Column("area_share", Float, nullable=False, comment="of the unified cell; sums to 1 per cell and grid"),
    Column(
        "population_share",
        Float,
        nullable=False,
        comment="of the unified cell's people; sums to 1 per cell and grid",
    ),
    Index("ix_lineage_source_cell_id", "source_cell_id"),
)

building = Table(
    "building",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("cell_code", Code, nullable=False),
    Column("kind", Text, nullable=False, comment="courtyard, slab, tower, office, school, ..."),
    Column("compound", Text, nullable=False, server_default=""),
    Column("residents", Integer, nullable=False),
    Column("over60", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("geom", Geometry("POLYGON", 4326, spatial_index=False), nullable=False),
    Index("ix_building_geom", "geom", postgresql_using="gist"),
    Index("ix_building_cell_code", "cell_code"),
)

facility = Table(
    "facility",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("cell_code", Code, comment="null = outside every cell"),
    Column("capacity", Integer),
    Column("opens", Text, nullable=False, server_default="", comment="OpenStreetMap opening_hours syntax"),
    Column("source", Text, nullable=False),
    Column("is_schematic", Boolean, nullable=False, server_default=text("false")),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    UniqueConstraint("district_code", "source", "external_id"),
    Index("ix_facility_geom", "geom", postgresql_using="gist"),
    Index("ix_facility_cell_code", "cell_code"),
)

element = Table(
    "element",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False, comment="person, place, thing, affair, organisation, service, project"),
    Column("subtype", Text, nullable=False),
    Column("name_zh", Text, nullable=False, server_default=""),
    Column("cell_code", Code, nullable=False),
    Column("amount", Integer, nullable=False, server_default="1", comment="how many the row stands for"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False)),
    CheckConstraint(
        "kind IN ('person', 'place', 'thing', 'affair', 'organisation', 'service', 'project')", name="kind_is_known"
    ),
    Index("ix_element_cell_code_kind", "cell_code", "kind"),
)

base_feature = Table(
    "base_feature",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("district_code", Code, nullable=False),
    Column("layer", Text, nullable=False, comment="road, rail, water, green, compound, gate"),
    Column("class", Text, nullable=False, server_default="", comment="arterial, street, alley, ..."),
    Column("name_zh", Text, nullable=False, server_default=""),
    Column("geom", Geometry("GEOMETRY", 4326, spatial_index=False), nullable=False),
    Index("ix_base_feature_geom", "geom", postgresql_using="gist"),
    Index("ix_base_feature_district_code_layer", "district_code", "layer"),
)
