"""Many fixed locations at once: a CSV file, whose result is posted to a callback."""

import csv
import io
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from simulator.sandbox.addresses import check_url
from simulator.sandbox.decoding import refusal_of
from simulator.sandbox.multipart import FORM, form_fields
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.routing import Call, Message, Reply, route
from simulator.sandbox.sites import NewSite, add_site
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.webhooks import call_back

_NUMBERS = ("calloutLocationTypeId", "customerId")


class BulkUpload(Struct, frozen=True, kw_only=True, rename="camel"):
    """A CSV file with a header line of the fields of a fixed location."""

    locations: bytes
    callback_url: str
    user_email: str | None = None
    delimiter: str = ","
    source: str | None = None


class BadLine(Struct, frozen=True, kw_only=True):
    """A line of the file that was left out, and why."""

    line: int
    message: str


class BulkResult(Struct, frozen=True, kw_only=True):
    """What is posted to the callback."""

    message: str = "Bulk upload finished."
    source: str | None
    created: int
    failed: list[BadLine]


def bulk_upload_fixed_locations(call: Call) -> Reply:
    """Take a CSV file of fixed locations; what became of each line is posted to the callback."""
    tenant = call.tenant
    form = form_fields(call.request.headers.get("content-type", ""), call.request.body)
    upload = _checked(form, allow_http=call.tenants.settings.allow_http_webhooks)
    result = _take(tenant, upload)
    number = tenant.count("bulk-upload") + 1
    call_back(tenant, upload.callback_url, number, result)
    return Reply(200, Message())


def _checked(form: dict[str, bytes], *, allow_http: bool) -> BulkUpload:
    for name in ("locations", "callbackUrl"):
        if not form.get(name):
            raise malformed(name, "is required.")
    texts = {name: content.decode("utf-8", "replace") for name, content in form.items()}
    upload = BulkUpload(
        locations=form["locations"],
        callback_url=texts["callbackUrl"],
        user_email=texts.get("userEmail"),
        delimiter=texts.get("delimiter") or ",",
        source=texts.get("source"),
    )
    check_url("callbackUrl", upload.callback_url, allow_http=allow_http)
    if len(upload.delimiter) != 1 or upload.delimiter in '"\r\n':
        raise malformed("delimiter", "must be one character.")
    return upload


def _take(tenant: Tenant, upload: BulkUpload) -> BulkResult:
    created, failed = 0, []
    for line, row in _rows(upload):
        try:
            add_site(tenant, msgspec.convert(row, NewSite))
            created += 1
        except msgspec.ValidationError as error:
            failed.append(BadLine(line=line, message=refusal_of(error).message))
        except RefusedError as error:
            failed.append(BadLine(line=line, message=error.message))
    return BulkResult(source=upload.source, created=created, failed=failed)


def _rows(upload: BulkUpload) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield line numbers and filled fields; empty fields are fields that are not there."""
    try:
        text = upload.locations.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise malformed("locations", "is not UTF-8.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=upload.delimiter, strict=True)
    try:
        for row in reader:
            yield reader.line_num, {k: _value(k, v) for k, v in row.items() if k and v}
    except csv.Error as error:
        raise malformed("locations", f"line {reader.line_num} is no CSV: {error}.") from error


def _value(name: str, text: str) -> object:
    is_number = name in _NUMBERS and text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number else text


ROUTES = (
    route(
        "POST",
        "/v2/predefinedLocations/bulk",
        bulk_upload_fixed_locations,
        answers={200: Message},
        refusals=(400,),
        takes=(FORM, BulkUpload),
    ),
)
