/* The plan: scores in, a row that can be sent and the reason for each entry out. Every
 * refusal keeps the caller's last good row; a fallback replaces a refusal only when it
 * was chosen by name, and the plan keeps the sentence it replaced. Wrong arguments and
 * lack of memory never fall back. */
#include <stdlib.h>
#include "weights/impl.h"

assay_weights_policy assay_weights_policy_defaults(void)
{
	return (assay_weights_policy){
		.profile = ASSAY_PROFILE_V11,
		.guarded = 1,
		.fallback = ASSAY_FALLBACK_REFUSE,
		.min_count = 1,
		.power = 1,
		.max_weight = 1,
		.max_dropped = 0.5,
	};
}

void assay_weights_plan_free(assay_weights_plan *p)
{
	if (p == NULL)
		return;
	asy_buf_fini(&p->json);
	free(p->lines);
	free(p->raw);
	free(p->known);
	free(p->uids);
	free(p->values);
	free(p);
}

static assay_status plan_alloc(const assay_weights_limits *limits,
							   const assay_weights_policy *policy, assay_weights_plan **out,
							   assay_err *err)
{
	size_t n = limits->neurons <= 65536 ? limits->neurons : 0; /* refused with its reason later */
	assay_weights_plan *p = asy_calloc(1, sizeof *p);
	if (p != NULL) {
		p->limits = *limits;
		p->policy = *policy;
		p->lines_n = n;
		p->lines = asy_calloc(n, sizeof *p->lines);
		p->raw = asy_calloc(n, sizeof *p->raw);
		p->known = asy_calloc(n, 1);
		p->uids = asy_calloc(n + 1, sizeof *p->uids);
		p->values = asy_calloc(n + 1, sizeof *p->values);
	}
	if (p == NULL || p->lines == NULL || p->raw == NULL || p->known == NULL || p->uids == NULL ||
		p->values == NULL) {
		assay_weights_plan_free(p);
		return ASSAY_FAIL(err, E_NOMEM, "weights of %zu neurons: out of memory", n);
	}
	for (size_t i = 0; i < n; i++)
		p->lines[i].uid = (uint16_t)i;
	*out = p;
	return ASSAY_OK;
}

/* A row that suddenly forgets half of the miners is more often our outage than theirs. */
static assay_status check_dropped(const assay_weights_plan *p, const assay_weights_row *previous,
								  assay_err *err)
{
	assay_row_diff d = {0};
	if (previous == NULL || previous->n == 0)
		return ASSAY_OK;
	const assay_weights_row row = assay_weights_plan_row(p);
	assay_status st = assay_weights_diff(previous, &row, &d, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the previous row");
	if (d.dropped_share > p->policy.max_dropped)
		return ASSAY_FAIL(err, E_REFUSED,
						  "%zu of the %zu miners of the previous row would vanish, "
						  "weights.max_dropped allows %.0f%%; check the network and the reward "
						  "model, or raise it",
						  d.dropped, previous->n, p->policy.max_dropped * 100);
	return ASSAY_OK;
}

static void put_entry(assay_weights_plan *p, uint16_t uid, uint16_t value)
{
	p->uids[p->n] = uid;
	p->values[p->n++] = value;
	p->lines[uid].value = value;
	p->lines[uid].why |= ASSAY_WHY_FALLBACK;
}

/* Replaces the refusal in err, or returns it when there is nothing to fall back on. */
static assay_status fall_back(assay_weights_plan *p, const assay_weights_row *previous,
							  assay_status refused, const assay_err *cause)
{
	const assay_weights_policy *o = &p->policy;
	if (o->fallback == ASSAY_FALLBACK_PREVIOUS) {
		if (previous == NULL || previous->n == 0)
			return refused;
		for (size_t i = 0; i < previous->n; i++) {
			if (previous->uids[i] >= p->lines_n)
				return refused;
		}
	}
	if (o->fallback == ASSAY_FALLBACK_OWNER && o->owner_uid >= p->lines_n)
		return refused;
	(void)asy_str_copy(p->fallback, sizeof p->fallback, cause->msg);
	p->n = 0;
	p->reserved = 0;
	for (size_t i = 0; i < p->lines_n; i++) {
		p->lines[i].weight = 0;
		p->lines[i].value = 0;
	}
	switch (o->fallback) {
	case ASSAY_FALLBACK_REFUSE:
		break;
	case ASSAY_FALLBACK_UNIFORM:
		for (size_t i = 0; i < p->lines_n; i++)
			put_entry(p, (uint16_t)i, 65535);
		break;
	case ASSAY_FALLBACK_PREVIOUS:
		for (size_t i = 0; i < previous->n && p->n < p->lines_n; i++)
			put_entry(p, previous->uids[i], previous->values[i]);
		break;
	case ASSAY_FALLBACK_OWNER:
		put_entry(p, o->owner_uid, 65535);
		break;
	}
	return ASSAY_OK;
}

static int by_uid(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Ascending uid: a row's order is part of what is sealed, so it must not depend on how
 * the profile or a previous row happened to be ordered. */
static assay_status sort_row(assay_weights_plan *p, assay_err *err)
{
	uint32_t *packed = asy_calloc(p->n, sizeof *packed);
	if (packed == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a row of %zu entries: out of memory", p->n);
	bool ascends = true; /* nearly always */
	for (size_t i = 0; i < p->n; i++) {
		packed[i] = (uint32_t)p->uids[i] << 16 | p->values[i];
		ascends = ascends && (i == 0 || packed[i - 1] <= packed[i]);
	}
	if (!ascends)
		qsort(packed, p->n, sizeof *packed, by_uid);
	for (size_t i = 0; i < p->n; i++) {
		p->uids[i] = (uint16_t)(packed[i] >> 16);
		p->values[i] = (uint16_t)packed[i];
	}
	free(packed);
	return ASSAY_OK;
}

assay_status assay_weights_plan_new(const assay_candidate *candidates, size_t candidates_n,
									const assay_weights_limits *limits,
									const assay_weights_policy *policy,
									const assay_weights_row *previous, assay_weights_plan **out,
									assay_err *err)
{
	assay_weights_plan *p = NULL;
	assay_err cause = {0};
	assay_status st = plan_alloc(limits, policy, &p, &cause);
	if (st == ASSAY_OK)
		st = asy_plan_shares(p, candidates, candidates_n, &cause);
	if (st == ASSAY_OK)
		st = asy_plan_round(p, &cause);
	if (st == ASSAY_OK)
		st = check_dropped(p, previous, &cause);
	if (st == ASSAY_E_REFUSED && policy->fallback != ASSAY_FALLBACK_REFUSE)
		st = fall_back(p, previous, st, &cause);
	if (st == ASSAY_OK)
		st = sort_row(p, &cause);
	if (st == ASSAY_OK)
		st = asy_plan_explain(p, &cause);
	if (st != ASSAY_OK) {
		assay_weights_plan_free(p);
		if (err != NULL)
			*err = cause;
		return st;
	}
	p->policy.exclude = NULL; /* borrowed for the call only */
	p->policy.exclude_n = 0;
	*out = p;
	return ASSAY_OK;
}

assay_weights_row assay_weights_plan_row(const assay_weights_plan *p)
{
	return (assay_weights_row){p->uids, p->values, p->n};
}
size_t assay_weights_plan_lines(const assay_weights_plan *p)
{
	return p->lines_n;
}
const assay_weights_line *assay_weights_plan_line(const assay_weights_plan *p, size_t i)
{
	ASSERT(i < p->lines_n);
	return &p->lines[i];
}
const char *assay_weights_plan_fallback(const assay_weights_plan *p)
{
	return p->fallback[0] != '\0' ? p->fallback : NULL;
}
const char *assay_weights_plan_json(const assay_weights_plan *p)
{
	return (const char *)p->json.ptr;
}
