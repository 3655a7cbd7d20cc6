"""What the items of rule-sets are called: kinds of facility by their own words, and what only rules name."""

from gis.terms import FACILITY_KINDS
from layouts.text.terms import TEXT as TERMS

_RULES: dict[str, tuple[str, str]] = {
    "bakery": ("蛋糕烘焙", "Bakery"),
    "basic_education": ("基础教育", "Basic education"),
    "bookshop": ("新式书店", "Bookshop"),
    "child_care": ("幼儿托管", "Child care"),
    "convenience_commerce": ("便民商业", "Convenience commerce"),
    "convenience_store": ("便利店", "Convenience store"),
    "culture_centre": ("文化活动中心", "Culture centre"),
    "culture_station": ("文化活动站", "Culture station"),
    "elderly_day_care": ("老年人日间照料", "Day care for the old"),
    "fitness": ("运动健身房", "Fitness"),
    "flowers_gifts": ("鲜花礼品", "Flowers and gifts"),
    "food_market": ("菜市场", "Food market"),
    "forward_store": ("前置仓", "Forward store"),
    "fresh_food_store": ("生鲜超市", "Fresh-food store"),
    "general_service": ("综合服务", "General service"),
    "health": ("医疗卫生", "Health"),
    "health_care": ("保健养生", "Health care"),
    "health_centre": ("卫生服务中心", "Health centre"),
    "health_station": ("社区卫生服务站", "Health station"),
    "large_sports_ground": ("大型多功能运动场地", "Large sports ground"),
    "medium_sports_ground": ("中型运动场地", "Medium sports ground"),
    "metro_station": ("轨道站", "Metro station"),
    "middle_school": ("初中", "Middle school"),
    "neighbourhood_shop": ("社区商业网点", "Neighbourhood shop"),
    "park_green": ("公园绿地", "Parks and green"),
    "pets": ("宠物服务", "Pets"),
    "photo_print": ("照相文印", "Photo and print"),
    "post_parcel": ("邮政快递", "Post and parcels"),
    "public_safety": ("公共安全", "Public safety"),
    "recycling": ("再生资源回收", "Recycling"),
    "restaurant": ("特色餐饮", "Restaurant"),
    "shopping": ("商场", "Shopping"),
    "small_sports_ground": ("小型运动场地", "Small sports ground"),
    "supermarket": ("综合超市", "Supermarket"),
    "tea_coffee": ("茶艺咖啡", "Tea and coffee"),
    "training": ("培训教育", "Training"),
    "transport": ("交通出行", "Transport"),
    "travel": ("旅游服务", "Travel"),
    "utilities": ("市政保障", "Utilities"),
    "welfare": ("社会福利", "Welfare"),
}

TEXT: dict[str, tuple[str, str]] = {
    **{f"item.{kind}": TERMS[f"facility.{kind}"] for kind in FACILITY_KINDS},
    **{f"item.{name}": words for name, words in _RULES.items()},
    "comma": ("、", ", "),
}
