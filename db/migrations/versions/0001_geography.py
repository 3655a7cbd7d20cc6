"""Where things are: areas, source grids with lineage, elements, buildings, facilities, base map.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CODE = sa.String(15, collation="C")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of geography."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")

    op.create_table(
        "district",
        sa.Column("code", CODE, nullable=False),
        sa.Column(
            "metric_srid", sa.Integer(), nullable=False, comment="EPSG code of the metric CRS for lengths and areas"
        ),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "geometry_version", sa.Text(), nullable=False, comment="changes whenever an outline or the base map changes"
        ),
        sa.Column("attribution", sa.Text(), server_default="", nullable=False),
        sa.Column("loaded_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "facts",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="seed, build report, truth of a demo",
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
    )

    op.create_geospatial_table(
        "area",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="digits of the code: 6, 9, 12 or 15"),
        sa.Column("parent_code", CODE),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), server_default="", nullable=False),
        sa.Column("short_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("pinyin", sa.Text(), server_default="", nullable=False, comment="no tones; a space between readings"),
        sa.Column("initials", sa.Text(), server_default="", nullable=False, comment="first letters of the pinyin"),
        sa.Column("aliases", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("official_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
        sa.Column("label_point", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("population", sa.Integer(), comment="null = not known, which is not zero"),
        sa.Column("over60", sa.Integer()),
        sa.Column("households", sa.Integer()),
        sa.Column("population_source", sa.Text(), server_default="", nullable=False),
        sa.Column("population_vintage", sa.Text(), server_default="", nullable=False),
        sa.Column("population_is_estimate", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("land_use", sa.Text(), server_default="", nullable=False),
        sa.Column("is_schematic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), comment="null = in force"),
        sa.CheckConstraint(
            "length(code) = level AND level IN (6, 9, 12, 15)", name=op.f("ck_area_code_has_level_digits")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_area_validity_is_forward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_area_code_valid_from")),
    )
    op.create_geospatial_index("ix_area_geom", "area", ["geom"], postgresql_using="gist")
    op.create_index("ix_area_level_code", "area", ["level", "code"])
    op.create_index(
        "uq_area_code_in_force", "area", ["code"], unique=True, postgresql_where=sa.text("valid_to IS NULL")
    )

    op.create_geospatial_table(
        "source_cell",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("grid", sa.Text(), nullable=False, comment="city_management, public_order or social_service"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("population", sa.Float()),
        sa.CheckConstraint(
            "grid IN ('city_management', 'public_order', 'social_service')", name=op.f("ck_source_cell_grid_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_cell")),
        sa.UniqueConstraint("district_code", "grid", "code", name=op.f("uq_source_cell_district_code_grid_code")),
    )
    op.create_geospatial_index("ix_source_cell_geom", "source_cell", ["geom"], postgresql_using="gist")

    op.create_table(
        "lineage",
        sa.Column("cell_code", CODE, nullable=False),
        sa.Column("source_cell_id", sa.BigInteger(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False, comment="area common to both"),
        sa.Column("population", sa.Float(), nullable=False, comment="people common to both"),
        sa.Column("area_share", sa.Float(), nullable=False, comment="of the unified cell; sums to 1 per cell and grid"),
        sa.Column(
            "population_share",
            sa.Float(),
            nullable=False,
            comment="of the unified cell's people; sums to 1 per cell and grid",
        ),
        sa.ForeignKeyConstraint(
            ["source_cell_id"], ["source_cell.id"], name=op.f("fk_lineage_source_cell_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cell_code", "source_cell_id", name=op.f("pk_lineage")),
    )
    op.create_index("ix_lineage_source_cell_id", "lineage", ["source_cell_id"])

    op.create_geospatial_table(
        "building",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("cell_code", CODE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="courtyard, slab, tower, office, school, ..."),
        sa.Column("compound", sa.Text(), server_default="", nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("over60", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry("POLYGON", 4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    op.create_index("ix_building_cell_code", "building", ["cell_code"])
    op.create_geospatial_index("ix_building_geom", "building", ["geom"], postgresql_using="gist")

    op.create_geospatial_table(
        "facility",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("cell_code", CODE, comment="null = outside every cell"),
        sa.Column("capacity", sa.Integer()),
        sa.Column("opens", sa.Text(), server_default="", nullable=False, comment="OpenStreetMap opening_hours syntax"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_schematic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint(
            "district_code", "source", "external_id", name=op.f("uq_facility_district_code_source_external_id")
        ),
    )
    op.create_index("ix_facility_cell_code", "facility", ["cell_code"])
    op.create_geospatial_index("ix_facility_geom", "facility", ["geom"], postgresql_using="gist")

    op.create_geospatial_table(
        "element",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="person, place, thing, affair, organisation, service, project"
        ),
        sa.Column("subtype", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("cell_code", CODE, nullable=False),
        sa.Column("amount", sa.Integer(), server_default="1", nullable=False, comment="how many the row stands for"),
        sa.Column("geom", Geometry("POINT", 4326, spatial_index=False)),
        sa.CheckConstraint(
            "kind IN ('person', 'place', 'thing', 'affair', 'organisation', 'service', 'project')",
            name=op.f("ck_element_kind_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_element")),
    )
    op.create_index("ix_element_cell_code_kind", "element", ["cell_code", "kind"])

    op.create_geospatial_table(
        "base_feature",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column("layer", sa.Text(), nullable=False, comment="road, rail, water, green, compound, gate"),
        sa.Column("class", sa.Text(), server_default="", nullable=False, comment="arterial, street, alley, ..."),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", 4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_feature")),
    )
    op.create_index("ix_base_feature_district_code_layer", "base_feature", ["district_code", "layer"])
    op.create_geospatial_index("ix_base_feature_geom", "base_feature", ["geom"], postgresql_using="gist")

    op.create_geospatial_table(
        "quality_issue",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("district_code", CODE, nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="gap, overlap, sliver, outside_parent, crs_shift, invalid_geometry, ...",
        ),
        sa.Column("area_code", CODE),
        sa.Column("detail_zh", sa.Text(), nullable=False),
        sa.Column("detail_en", sa.Text(), nullable=False),
        sa.Column("size_m2", sa.Float()),
        sa.Column("geom", Geometry("GEOMETRY", 4326, spatial_index=False)),
        sa.Column("found_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_issue")),
    )
    op.create_index("ix_quality_issue_district_code_kind", "quality_issue", ["district_code", "kind"])


def downgrade() -> None:
    """Remove these tables and keep PostGIS, which others may use."""
    op.drop_geospatial_table("quality_issue")
    op.drop_geospatial_table("base_feature")
    op.drop_geospatial_table("element")
    op.drop_geospatial_table("facility")
    op.drop_geospatial_table("building")
    op.drop_table("lineage")
    op.drop_geospatial_table("source_cell")
    op.drop_geospatial_table("area")
    op.drop_table("district")
