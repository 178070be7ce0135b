"""What the customer thought of a response (AURA: api-reference/callout-ratings)."""

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.reading import Fields, id_of, many, one
from simulator.aura.types import CalloutId, Rating, RatingItem, Sentiment
from simulator.errors import InputError


def create(
    callout_id: CalloutId,
    rating: int,
    *,
    details: str | None = None,
    may_be_contacted: bool | None = None,
) -> Call[Rating]:
    """Rate a closed callout from 1 (bad) to 5 (good). Errors: 400, 401, 500.

    AURA: api-reference/callout-ratings/create-callout-rating.
    """
    if not 1 <= rating <= 5:
        message = f"A rating of {rating} is not possible. Give 1 (bad) to 5 (good)."
        raise InputError(message)
    body: dict[str, Json] = {"calloutId": callout_id, "rating": rating}
    if details is not None:
        body["additionalDetails"] = details
    if may_be_contacted is not None:
        body["customerAllowedToBeContacted"] = may_be_contacted
    read = one(_read_rating, "calloutRatingPostResult")
    return Call("POST", "/ratings", read, encode(body))


def items() -> Call[list[RatingItem]]:
    """List what a rating can be about. Errors: 401.

    AURA: api-reference/callout-ratings; the path is the setting `Paths.rating_items`.
    """
    read = many(_read_item, "ratingItems", "items")
    return Call("GET", lambda paths: paths.rating_items, read, repeat=Repeat.SAFE)


def add_item(
    rating_id: int,
    description: str,
    *,
    item_id: int | None = None,
    item: str | None = None,
    sentiment: Sentiment | None = None,
) -> Call[RatingItem]:
    """Add to a rating what it is about, or change it. Errors: 400, 401, 500.

    AURA: api-reference/callout-ratings/create-rating-item.
    """
    body: dict[str, Json] = {"calloutRatingId": rating_id, "ratingItemDescription": description}
    if item_id is not None:
        body["ratingItemId"] = item_id
    if item is not None:
        body["ratingItem"] = item
    if sentiment is not None:
        body["sentiment"] = sentiment.value
    read = one(_read_item, "calloutRatingItemResults")
    return Call("POST", lambda paths: paths.rating_items, read, encode(body))


def _read_rating(fields: Fields) -> Rating:
    return Rating(
        id=fields.identity("id", "calloutRatingId"),
        callout_id=id_of(CalloutId, fields.whole("calloutId")),
        rating=fields.whole("rating"),
        raw=fields.raw,
    )


def _read_item(fields: Fields) -> RatingItem:
    return RatingItem(
        id=fields.whole("id", "ratingItemId"),
        description=fields.text("description", "ratingItemDescription", "ratingItem"),
        sentiment=fields.text("sentiment"),
        raw=fields.raw,
    )
