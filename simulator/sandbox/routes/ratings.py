"""What customers thought of a response: a rating once the callout is closed, and its details."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from simulator.sandbox.decoding import Json
from simulator.sandbox.refusal import RefusedError, missing
from simulator.sandbox.routing import PREFIX, Call, Reply, Scope, body_route, route
from simulator.sandbox.rows import Rating, RatingItem, State
from simulator.sandbox.tenant import Tenant


class NewRating(Struct, frozen=True, kw_only=True, rename="camel"):
    """1 (bad) to 5 (good)."""

    callout_id: int
    rating: Annotated[int, Meta(ge=1, le=5)]
    additional_details: str | None = None
    customer_allowed_to_be_contacted: bool | None = None


class NewRatingItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """One detail of a rating; with `ratingItemId` an existing one is changed."""

    callout_rating_id: int
    rating_item_description: str
    rating_item_id: int | None = None
    rating_item: str | None = None
    sentiment: Literal["positive", "negative"] | None = None


class RatingCreated(Struct, frozen=True, kw_only=True, rename="camel"):
    """A rating as it was kept."""

    callout_rating_post_result: Rating


class RatingItemKept(Struct, frozen=True, kw_only=True, rename="camel"):
    """A detail as it was kept."""

    callout_rating_item_results: RatingItem


def create_callout_rating(call: Call, body: NewRating) -> Reply:
    """Rate the response to a closed callout."""
    tenant = call.tenant
    callout = tenant.callouts.get(body.callout_id)
    if callout is None:
        raise missing("callout", body.callout_id)
    call.keep_to(callout.customer_id)
    if callout.state is not State.CLOSED:
        raise RefusedError(400, f"calloutId: callout {callout.id} is not closed yet.")
    made = tenant.ratings.put(
        Rating(
            id=tenant.next_id("rating"),
            callout_id=callout.id,
            rating=body.rating,
            additional_details=body.additional_details,
            customer_allowed_to_be_contacted=body.customer_allowed_to_be_contacted,
            created_at=tenant.stamp(),
        )
    )
    return Reply(200, RatingCreated(callout_rating_post_result=made))


def list_rating_items(call: Call) -> Reply:
    """List the details that were given."""
    items = call.tenant.rating_items
    return Reply(200, [item for item in items if _may_see(call, item)])


def create_rating_item(call: Call, body: NewRatingItem) -> Reply:
    """Add a detail to a rating, or change one."""
    tenant = call.tenant
    rating = tenant.ratings.get(body.callout_rating_id)
    if rating is None:
        raise missing("rating", body.callout_rating_id)
    call.keep_to(tenant.callouts.rows[rating.callout_id].customer_id)
    return Reply(200, RatingItemKept(callout_rating_item_results=_keep(tenant, body)))


def _keep(tenant: Tenant, body: NewRatingItem) -> RatingItem:
    known = _item_of(tenant, body)
    if known is not None:
        changed = replace(
            known,
            rating_item_description=body.rating_item_description,
            rating_item=body.rating_item,
            sentiment=body.sentiment,
        )
        return tenant.rating_items.put(changed)
    made = RatingItem(
        id=tenant.next_id("rating-item"),
        callout_rating_id=body.callout_rating_id,
        rating_item_description=body.rating_item_description,
        rating_item_id=body.rating_item_id,
        rating_item=body.rating_item,
        sentiment=body.sentiment,
        created_at=tenant.stamp(),
    )
    return tenant.rating_items.put(made)


def _item_of(tenant: Tenant, body: NewRatingItem) -> RatingItem | None:
    """Return the detail of this rating that a body speaks of, by its catalogue id."""
    if body.rating_item_id is None:
        return None
    same = (
        item
        for item in tenant.items_by_rating.all(body.callout_rating_id)
        if item.rating_item_id == body.rating_item_id
    )
    return next(same, None)


def _may_see(call: Call, item: RatingItem) -> bool:
    limit = call.claims.customer_id if call.claims else None
    callout_id = call.tenant.ratings.rows[item.callout_rating_id].callout_id
    return limit is None or call.tenant.callouts.rows[callout_id].customer_id == limit


def _older(body: Json) -> Json:
    """Rewrite the comment of the first documentation."""
    if "comment" not in body:
        return body
    return {"additionalDetails": body["comment"], **body}


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/ratings",
        NewRating,
        create_callout_rating,
        answers={200: RatingCreated},
        refusals=(404,),
        scope=Scope.EITHER,
        older=_older,
    ),
    route(
        "GET",
        f"{PREFIX}/rating-items",
        list_rating_items,
        answers={200: list[RatingItem]},
        scope=Scope.EITHER,
    ),
    body_route(
        "POST",
        f"{PREFIX}/rating-items",
        NewRatingItem,
        create_rating_item,
        answers={200: RatingItemKept},
        refusals=(404,),
        scope=Scope.EITHER,
    ),
)
