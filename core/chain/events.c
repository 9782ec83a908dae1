/* System.Events of a block: what became of one extrinsic, and whether a
 * certain event occurred. Events carry no lengths, so every one before is walked by type.
 * Refuses a list whose records are not (phase, event, topics).
 * Reason to change: another question is asked of events. */
#include "chain/impl.h"

typedef struct {
	const asy_metadata *m;
	uint32_t phase, event, topics; /* types of an EventRecord's fields */
	asy_scale in;
	size_t left;
	assay_err *err;
} reader;

/* Types come from the item itself: Vec<EventRecord{phase, event, topics}>. */
static assay_status begin(const asy_metadata *m, assay_span bytes, reader *r, assay_err *err)
{
	const asy_storage_item *it = asy_metadata_item(m, "System", "Events", NULL);
	const asy_type *list = it == NULL ? NULL : asy_metadata_type(m, it->value);
	const asy_type *rec =
		list == NULL || list->kind != ASY_TYPE_SEQUENCE ? NULL : asy_metadata_type(m, list->inner);
	static const char *const names[] = {"phase", "event", "topics"};
	bool ok = rec != NULL && rec->kind == ASY_TYPE_COMPOSITE && rec->count == ASY_COUNT(names);
	for (size_t i = 0; ok && i < ASY_COUNT(names); i++)
		ok = rec->fields[i].name != NULL && strcmp(rec->fields[i].name, names[i]) == 0;
	if (!ok)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "System.Events is not a list of event records");
	*r = (reader){.m = m,
				  .phase = rec->fields[0].type,
				  .event = rec->fields[1].type,
				  .topics = rec->fields[2].type,
				  .in = asy_scale_in(bytes),
				  .err = err};
	/* the smallest record: phase 1, two numbers, no topics 1 */
	return asy_scale_count(&r->in, 4, bytes.len, &r->left, err);
}

typedef struct {
	bool applies;   /* phase ApplyExtrinsic */
	uint32_t index; /* of the extrinsic */
	uint8_t pallet, event;
	const asy_type_variant *variant;
	assay_span fields;
} record;

static assay_status next(reader *r, record *out)
{
	const uint8_t *p = r->in.bytes.ptr;
	const size_t at = r->in.at;
	assay_status st = asy_value_skip(r->m, r->phase, &r->in, r->err);
	if (st != ASSAY_OK)
		return st;
	const asy_type_variant *phase = asy_metadata_variant_at(r->m, r->phase, p[at]);
	out->applies =
		phase != NULL && strcmp(phase->name, "ApplyExtrinsic") == 0 && r->in.at - at == 5;
	out->index = out->applies ? asy_get_u32le(p + at + 1) : 0;
	const size_t event_at = r->in.at;
	st = asy_value_skip(r->m, r->event, &r->in, r->err);
	if (st != ASSAY_OK)
		return st;
	if (r->in.at - event_at < 2)
		return ASSAY_FAIL(r->err, E_FORMAT, "an event without a number at offset %zu", event_at);
	out->pallet = p[event_at];
	out->event = p[event_at + 1];
	out->fields = asy_span(p + event_at + 2, r->in.at - event_at - 2);
	const asy_pallet *pallet = asy_metadata_pallet_at(r->m, out->pallet);
	out->variant =
		pallet == NULL ? NULL : asy_metadata_variant_at(r->m, pallet->events, out->event);
	return asy_value_skip(r->m, r->topics, &r->in, r->err);
}

/* ---- the outcome of one extrinsic ---- */

/* "BadOrigin", or with what it carries: {"Token":"FundsUnavailable"}. */
static assay_status plain_error(const asy_metadata *m, uint32_t type, assay_span bytes,
								asy_dispatch *out, assay_err *err)
{
	asy_buf text = {0};
	asy_jw w = asy_jw_out(&text, 0);
	asy_scale in = asy_scale_in(bytes);
	assay_status st = asy_value_json(m, type, &in, &w, err);
	if (st == ASSAY_OK)
		st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		asy_str_escape(out->error, sizeof out->error, asy_buf_span(&text));
	asy_buf_fini(&text);
	return st;
}

static assay_status dispatch_error(const asy_metadata *m, const record *rec, asy_dispatch *out,
								   assay_err *err)
{
	if (rec->variant->fields_n == 0 || rec->fields.len == 0)
		return ASSAY_FAIL(err, E_FORMAT, "a failed extrinsic without its error");
	const uint32_t type = rec->variant->fields[0].type;
	const asy_type_variant *kind = asy_metadata_variant_at(m, type, rec->fields.ptr[0]);
	if (kind == NULL || strcmp(kind->name, "Module") != 0 || rec->fields.len < 3)
		return plain_error(m, type, rec->fields, out, err);
	const uint8_t pallet_index = rec->fields.ptr[1], number = rec->fields.ptr[2];
	const asy_pallet *p = asy_metadata_pallet_at(m, pallet_index);
	const asy_type_variant *e = p == NULL ? NULL : asy_metadata_variant_at(m, p->errors, number);
	out->module = true;
	if (e == NULL) {
		(void)snprintf(out->error, sizeof out->error, "pallet %u error %u", pallet_index, number);
		return ASSAY_OK;
	}
	(void)asy_str_copy(out->name, sizeof out->name, e->name);
	(void)snprintf(out->error, sizeof out->error, "%.31s.%.63s", p->name, e->name);
	return ASSAY_OK;
}

assay_status asy_events_dispatch(const asy_metadata *m, assay_span events, uint32_t index,
								 asy_dispatch *out, assay_err *err)
{
	reader r;
	asy_dispatch d = {.found = false};
	const asy_pallet *system = asy_metadata_pallet(m, "System");
	assay_status st = begin(m, events, &r, err);
	while (st == ASSAY_OK && r.left-- > 0 && !d.found) {
		record rec = {0};
		st = next(&r, &rec);
		if (st != ASSAY_OK)
			break;
		if (!rec.applies || rec.index != index || rec.variant == NULL || system == NULL ||
			rec.pallet != system->index)
			continue;
		d.success = strcmp(rec.variant->name, "ExtrinsicSuccess") == 0;
		d.found = d.success || strcmp(rec.variant->name, "ExtrinsicFailed") == 0;
		if (d.found && !d.success)
			st = dispatch_error(m, &rec, &d, err);
	}
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the events of a block");
	*out = d;
	return ASSAY_OK;
}

/* ---- looking for one event ---- */

assay_status asy_events_find(const asy_metadata *m, assay_span events, const char *name, size_t len,
							 size_t offset, assay_span bytes, bool *found, assay_err *err)
{
	reader r;
	bool seen = false;
	ASSERT(offset + bytes.len <= len);
	assay_status st = begin(m, events, &r, err);
	while (st == ASSAY_OK && r.left-- > 0 && !seen) {
		record rec = {0};
		st = next(&r, &rec);
		if (st != ASSAY_OK || rec.variant == NULL || strcmp(rec.variant->name, name) != 0)
			continue;
		seen = rec.fields.len == len && memcmp(rec.fields.ptr + offset, bytes.ptr, bytes.len) == 0;
	}
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the events of a block");
	*found = seen;
	return ASSAY_OK;
}
