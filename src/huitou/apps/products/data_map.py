"""What the catalogue's tables hold: nothing personal."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "products.Store", Purpose.CATALOGUE, Keep.BUSINESS,
        general="id code name region_code region_name city address latitude longitude opened_on area_m2 "
        "is_placeholder updated_at",
    ),
    Table("products.Category", Purpose.CATALOGUE, Keep.BUSINESS, general="id path name parent_id level"),
    Table(
        "products.Product", Purpose.CATALOGUE, Keep.BUSINESS,
        general="id code name category_id brand unit price_fen cost_fen is_placeholder updated_at",
    ),
)  # fmt: skip
