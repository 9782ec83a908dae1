/* Runs an experiment: events and agents before each epoch, the chain's own epoch,
 * then bonds, permits and stakes forward.
 *
 * The blocks between two epochs are few and fixed, because the chain's masks compare
 * them: a registration happens one block after the previous epoch, rows are sent one
 * block before the next. So a newcomer's old bonds are gone, and every row sent after
 * it came counts for it. */
#include <stdlib.h>
#include "research/sim.h"

/* ---- memory ---- */

static void packed_fini(sim_packed *p)
{
	free(p->uid);
	free(p->value);
}

/* At least one entry: an empty matrix has arrays too. */
static assay_status packed_room(sim_packed *p, size_t cap, assay_err *err)
{
	if (p->cap >= cap && p->uid != NULL)
		return ASSAY_OK;
	packed_fini(p);
	p->uid = asy_calloc(cap + 1, sizeof *p->uid);
	p->value = asy_calloc(cap + 1, sizeof *p->value);
	p->cap = p->uid == NULL || p->value == NULL ? 0 : cap;
	return p->uid == NULL || p->value == NULL ? ASSAY_FAIL(err, E_NOMEM, "rows of %zu entries", cap)
											  : ASSAY_OK;
}

assay_status sim_alloc(size_t n, uint32_t epochs, asy_sim **out, assay_err *err)
{
	if (epochs == 0 || epochs > ASY_SIM_EPOCHS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "epochs: %" PRIu32 " is not in 1 .. %u", epochs,
						  ASY_SIM_EPOCHS_MAX);
	if (n > ASSAY_YUMA_UIDS_MAX || (n > 0 && epochs > ASY_SIM_CELLS_MAX / n))
		return ASSAY_FAIL(err, E_LIMIT, "%" PRIu32 " epochs of %zu neurons: more than %zu results",
						  epochs, n, ASY_SIM_CELLS_MAX);
	asy_sim *s = asy_calloc(1, sizeof *s);
	if (s == NULL || (s->arena = asy_arena_new(0)) == NULL) {
		free(s);
		return ASSAY_FAIL(err, E_NOMEM, "an experiment");
	}
	s->n = n;
	s->epochs = epochs;
	asy_arena *a = s->arena;
#define TAKE(ptr, count) ((ptr) = asy_arena_array(a, (count) + 1, sizeof *(ptr)))
	bool ok = TAKE(s->last_update, n) && TAKE(s->registered, n) && TAKE(s->alpha, n) &&
			  TAKE(s->tao, n) && TAKE(s->permit, n) && TAKE(s->missing_until, n) &&
			  TAKE(s->row, n) && TAKE(s->quality, n) && TAKE(s->has_agent, n) &&
			  TAKE(s->group, n) && TAKE(s->validator_emission, n) && TAKE(s->emission, n) &&
			  TAKE(s->stake, n) && TAKE(s->active, n) && TAKE(s->next_permit, n) &&
			  TAKE(s->out16, 5 * n) && TAKE(s->score, n) && TAKE(s->weights.offset, n) &&
			  TAKE(s->bonds.offset, n) && TAKE(s->bonds_next.offset, n);
#undef TAKE
	if (!ok) {
		asy_sim_free(s);
		return ASSAY_FAIL(err, E_NOMEM, "an experiment of %zu neurons", n);
	}
	s->refresh = true;
	assay_status st = packed_room(&s->weights, 0, err);
	if (st == ASSAY_OK)
		st = packed_room(&s->bonds, 0, err);
	if (st == ASSAY_OK)
		*out = s;
	else
		asy_sim_free(s);
	return st;
}

void asy_sim_free(asy_sim *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n && s->row != NULL; i++) {
		free(s->row[i].uid);
		free(s->row[i].value);
	}
	packed_fini(&s->weights);
	packed_fini(&s->bonds);
	packed_fini(&s->bonds_next);
	free(s->scratch);
	asy_arena_free(s->arena);
	free(s);
}

static assay_status row_room(sim_row *r, size_t cap, assay_err *err)
{
	if (r->cap >= cap)
		return ASSAY_OK;
	uint16_t *uid = realloc(r->uid, cap * sizeof *uid);
	if (uid != NULL)
		r->uid = uid;
	uint16_t *value = uid == NULL ? NULL : realloc(r->value, cap * sizeof *value);
	if (value == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a row of %zu entries", cap);
	r->value = value;
	r->cap = cap;
	return ASSAY_OK;
}

/* ---- state in ---- */

static assay_status keep_row(asy_sim *s, size_t uid, asy_yuma_row row, assay_err *err)
{
	sim_row *r = &s->row[uid];
	assay_status st = row_room(r, row.len, err);
	if (st != ASSAY_OK || row.len == 0)
		return st;
	memmove(r->uid, row.uid, row.len * sizeof *r->uid);
	memmove(r->value, row.value, row.len * sizeof *r->value);
	r->len = row.len;
	return ASSAY_OK;
}

assay_status sim_row_set(asy_sim *s, size_t uid, const uint16_t *target, const uint16_t *value,
						 size_t len, assay_err *err)
{
	assay_status st = keep_row(s, uid, (asy_yuma_row){target, value, len}, err);
	if (st != ASSAY_OK)
		return st;
	s->row[uid].len = len;
	asy_yuma_max_upscale_u16(s->row[uid].value, len, s->row[uid].value);
	return ASSAY_OK;
}

/* Points the input at the experiment's own arrays. */
static void borrow(asy_sim *s)
{
	assay_yuma_input *in = &s->in;
	in->n = s->n;
	in->last_update = s->last_update;
	in->validator_permit = s->permit;
	in->last_update_n = in->validator_permit_n = s->n;
	in->block_at_registration = s->registered;
	in->alpha_stake = s->alpha;
	in->tao_stake = s->tao;
	in->weights = (assay_yuma_rows){s->weights.offset, s->weights.uid, s->weights.value, s->n};
	in->bonds = (assay_yuma_rows){s->bonds.offset, s->bonds.uid, s->bonds.value, s->n};
}

assay_status sim_load(asy_sim *s, const assay_yuma_input *in, assay_err *err)
{
	size_t n = s->n;
	s->in = *in;
	size_t updates = in->last_update_n < n ? in->last_update_n : n;
	size_t permits = in->validator_permit_n < n ? in->validator_permit_n : n;
	for (size_t i = 0; i < n; i++) {
		s->last_update[i] = i < updates ? in->last_update[i] : 0;
		s->permit[i] = i < permits && in->validator_permit[i] != 0;
		s->registered[i] = in->block_at_registration[i];
		s->alpha[i] = in->alpha_stake[i];
		s->tao[i] = in->tao_stake[i];
	}
	assay_status st = ASSAY_OK;
	size_t bonds = 0;
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		st = keep_row(s, i, asy_yuma_rows_get(&in->weights, i), err);
		bonds += asy_yuma_rows_get(&in->bonds, i).len;
	}
	if (st == ASSAY_OK)
		st = packed_room(&s->bonds, bonds, err);
	for (size_t i = 0; i < n && st == ASSAY_OK; i++) {
		asy_yuma_row row = asy_yuma_rows_get(&in->bonds, i);
		size_t at = s->bonds.offset[i];
		for (size_t k = 0; k < row.len; k++) {
			s->bonds.uid[at + k] = row.uid[k];
			s->bonds.value[at + k] = row.value[k];
		}
		s->bonds.offset[i + 1] = at + row.len;
	}
	borrow(s);
	s->in.commits = asy_arena_dup(s->arena, in->commits, in->commits_n * sizeof *in->commits);
	if (st == ASSAY_OK && in->commits_n > 0 && s->in.commits == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "%zu commits", in->commits_n);
	return st;
}

static int by_epoch(const void *a, const void *b)
{
	const sim_event *x = a, *y = b;
	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

assay_status sim_ready(asy_sim *s, assay_err *err)
{
	uint64_t last = 0;
	if (s->epochs > 1 && s->in.tempo < 3)
		return ASSAY_FAIL(err, E_RANGE,
						  "tempo %u leaves no blocks between epochs; at least 3 are needed",
						  s->in.tempo);
	if (!asy_mul_u64(s->epochs, s->in.tempo, &last) ||
		!asy_add_u64(last, s->in.current_block, &last))
		return ASSAY_FAIL(err, E_RANGE, "current_block is too high for %" PRIu32 " epochs",
						  s->epochs);
	assay_status st = ASSAY_OK;
	s->past_n = 1;
	for (size_t i = 0; i < s->agent_n && st == ASSAY_OK; i++) {
		sim_agent *a = &s->agent[i];
		if (s->has_agent[a->uid])
			return ASSAY_FAIL(err, E_INPUT, "two agents have uid %u", a->uid);
		s->has_agent[a->uid] = 1;
		st = row_room(&s->row[a->uid], s->n, err);
		if (a->kind == SIM_COPY && a->lag > s->past_n)
			s->past_n = a->lag;
	}
	s->past = asy_arena_array(s->arena, (size_t)s->past_n * s->n + 1, sizeof *s->past);
	if (st == ASSAY_OK && s->past == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "the past of %zu neurons", s->n);
	for (size_t i = 0; i < s->event_n; i++)
		s->event[i].order = i;
	if (s->event_n > 1)
		qsort(s->event, s->event_n, sizeof *s->event, by_epoch);
	s->began = s->in;
	return st;
}

/* ---- before an epoch ---- */

static void register_uid(asy_sim *s, const sim_event *e, uint64_t block)
{
	s->registered[e->uid] = block;
	s->last_update[e->uid] = block;
	s->permit[e->uid] = 0;
	s->row[e->uid].len = 0;
	s->alpha[e->uid] = e->has_alpha ? e->alpha : 0;
	s->tao[e->uid] = e->has_tao ? e->tao : 0;
	/* its bonds as a validator; those of others to it fall to the chain's own mask */
	size_t from = s->bonds.offset[e->uid], to = s->bonds.offset[e->uid + 1];
	size_t all = s->bonds.offset[s->n];
	memmove(s->bonds.uid + from, s->bonds.uid + to, (all - to) * sizeof *s->bonds.uid);
	memmove(s->bonds.value + from, s->bonds.value + to, (all - to) * sizeof *s->bonds.value);
	for (size_t i = e->uid + 1u; i <= s->n; i++)
		s->bonds.offset[i] -= to - from;
}

static assay_status apply(asy_sim *s, const sim_event *e, uint64_t registration, uint64_t update,
						  assay_err *err)
{
	assay_status st = ASSAY_OK;
	switch (e->action) {
	case SIM_SET_ROW:
		st = sim_row_set(s, e->uid, e->target, e->value, e->len, err);
		s->last_update[e->uid] = update;
		break;
	case SIM_SET_STAKE:
		s->alpha[e->uid] = e->has_alpha ? e->alpha : s->alpha[e->uid];
		s->tao[e->uid] = e->has_tao ? e->tao : s->tao[e->uid];
		break;
	case SIM_SET:
		sim_param_set(e->param, e->number, &s->in);
		break;
	case SIM_REGISTER:
		register_uid(s, e, registration);
		break;
	case SIM_QUALITY:
		s->quality[e->uid] = e->quality;
		break;
	case SIM_MISS:
		s->missing_until[e->uid] = s->at + e->epochs;
		break;
	}
	return st;
}

/* Kept within what an input may say, however long it walks. */
static void drift(asy_sim *s)
{
	asy_seeded_rng rng;
	sim_stream(s->seed, SIM_DRAW_DRIFT, s->at, 0, &rng);
	for (size_t j = 0; j < s->n; j++) {
		double step = 1.0 + s->drift * sim_normal(&rng);
		double *q = &s->quality[j];
		if (*q <= 0)
			continue;
		*q *= step < 0.1 ? 0.1 : step;
		*q = *q > 1e6 ? 1e6 : *q < 1e-6 ? 1e-6 : *q;
	}
}

/* A uid with a row and no agent sends it again; otherwise the row would grow too old to
 * count. The first epoch is left as it was given. */
static void refresh(asy_sim *s, uint64_t block)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->permit[i] && !s->has_agent[i] && s->row[i].len > 0 && s->at >= s->missing_until[i] &&
			s->last_update[i] < block)
			s->last_update[i] = block;
}

static assay_status pack(asy_sim *s, assay_err *err)
{
	size_t all = 0;
	for (size_t i = 0; i < s->n; i++)
		all += s->row[i].len;
	assay_status st = packed_room(&s->weights, all, err);
	for (size_t i = 0; i < s->n && st == ASSAY_OK; i++) {
		const sim_row *r = &s->row[i];
		size_t at = s->weights.offset[i];
		if (r->len > 0) {
			memcpy(s->weights.uid + at, r->uid, r->len * sizeof *r->uid);
			memcpy(s->weights.value + at, r->value, r->len * sizeof *r->value);
		}
		s->weights.offset[i + 1] = at + r->len;
	}
	return st;
}

assay_status asy_sim_prepare(asy_sim *s, assay_err *err)
{
	if (s->at == s->epochs)
		return ASSAY_FAIL(err, E_EMPTY, "all %" PRIu32 " epochs have run", s->epochs);
	if (s->is_prepared)
		return ASSAY_OK;
	assay_yuma_input *in = &s->in;
	uint64_t previous = asy_sat_sub_u64(in->current_block, in->tempo);
	if (s->at > 0) {
		previous = in->current_block;
		in->current_block += in->tempo;
		in->current_epoch = asy_sat_add_u64(in->current_epoch, 1);
	}
	uint64_t update = asy_sat_sub_u64(in->current_block, 1);
	assay_status st = ASSAY_OK;
	if (s->drift != 0 && s->at > 0)
		drift(s);
	for (; s->event_at < s->event_n && s->event[s->event_at].epoch == s->at && st == ASSAY_OK;
		 s->event_at++)
		st = apply(s, &s->event[s->event_at], asy_sat_add_u64(previous, 1), update, err);
	if (st == ASSAY_OK)
		st = sim_agents_act(s, update, err);
	if (s->refresh && s->at > 0)
		refresh(s, update);
	if (st == ASSAY_OK)
		st = pack(s, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "epoch %" PRIu32, s->at);
	borrow(s);
	s->is_prepared = true;
	return ASSAY_OK;
}

const assay_yuma_input *asy_sim_input(const asy_sim *s)
{
	return &s->in;
}

/* ---- the epoch, and what it leaves ---- */

static assay_status scratch_room(asy_sim *s, assay_err *err)
{
	size_t need = assay_yuma_scratch_len(&s->in);
	if (need <= s->scratch_len)
		return ASSAY_OK;
	free(s->scratch);
	s->scratch = asy_calloc(need, 1);
	s->scratch_len = s->scratch == NULL ? 0 : need;
	return s->scratch == NULL ? ASSAY_FAIL(err, E_NOMEM, "scratch of %zu bytes", need) : ASSAY_OK;
}

static void feed_forward(asy_sim *s)
{
	sim_packed old = s->bonds;
	s->bonds = s->bonds_next;
	s->bonds_next = old;
	for (size_t i = 0; i < s->n; i++) {
		uint64_t whole = s->validator_emission[i] / 1000, rest = s->validator_emission[i] % 1000;
		uint64_t back = whole * s->reinvest_milli + rest * s->reinvest_milli / 1000;
		s->permit[i] = s->next_permit[i];
		s->alpha[i] = asy_sat_add_u64(s->alpha[i], back);
	}
	memcpy(s->past + (size_t)(s->at % s->past_n) * s->n, s->out16 + s->n, s->n * sizeof *s->past);
	s->in.last_mechanism_step_block = s->in.current_block;
	s->at++;
	s->is_prepared = false;
}

assay_status asy_sim_advance(asy_sim *s, asy_sim_cell *cells, assay_err *err)
{
	assay_status st = asy_sim_prepare(s, err);
	if (st == ASSAY_OK)
		st = scratch_room(s, err);
	if (st == ASSAY_OK)
		st = packed_room(&s->bonds_next, assay_yuma_bonds_cap(&s->in), err);
	if (st != ASSAY_OK)
		return st;
	size_t n = s->n;
	assay_yuma_out out = {
		.active = s->active,
		.validator_permit = s->next_permit,
		.stake_weight = s->out16,
		.consensus = s->out16 + n,
		.validator_trust = s->out16 + 2 * n,
		.incentive = s->out16 + 3 * n,
		.dividends = s->out16 + 4 * n,
		.emission = s->emission,
		.validator_emission = s->validator_emission,
		.stake = s->stake,
		.bonds = {s->bonds_next.offset, s->bonds_next.uid, s->bonds_next.value, s->bonds_next.cap},
	};
	st = assay_yuma_epoch(&s->in, (assay_mut){s->scratch, s->scratch_len}, &out, err);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "epoch %" PRIu32, s->at);
	for (size_t i = 0; i < n; i++)
		cells[i] = (asy_sim_cell){
			.emission = out.emission[i],
			.stake = out.stake[i],
			.stake_weight = out.stake_weight[i],
			.consensus = out.consensus[i],
			.validator_trust = out.validator_trust[i],
			.incentive = out.incentive[i],
			.dividends = out.dividends[i],
			.active = out.active[i],
			.permit = out.validator_permit[i],
		};
	feed_forward(s);
	return ASSAY_OK;
}

assay_status asy_sim_run(asy_sim *s, asy_sim_result *out, assay_err *err)
{
	asy_sim_result r = {.n = s->n, .epochs = s->epochs - s->at};
	r.cell = asy_calloc((size_t)r.epochs * r.n + 1, sizeof *r.cell);
	r.block = asy_calloc(r.epochs + (size_t)1, sizeof *r.block);
	assay_status st = r.cell == NULL || r.block == NULL
						  ? ASSAY_FAIL(err, E_NOMEM, "results of %" PRIu32 " epochs", r.epochs)
						  : ASSAY_OK;
	for (uint32_t e = 0; e < r.epochs && st == ASSAY_OK; e++) {
		st = asy_sim_advance(s, r.cell + (size_t)e * r.n, err);
		r.block[e] = s->in.current_block;
	}
	if (st == ASSAY_OK)
		*out = r;
	else
		asy_sim_result_fini(&r);
	return st;
}

void asy_sim_result_fini(asy_sim_result *r)
{
	free(r->cell);
	free(r->block);
	*r = (asy_sim_result){0};
}

/* ---- who is who ---- */

void asy_sim_cpu(asy_sim *s, uint64_t cpu_mask)
{
	s->in.cpu_mask = cpu_mask;
}

size_t asy_sim_neurons(const asy_sim *s)
{
	return s->n;
}

uint32_t asy_sim_epochs(const asy_sim *s)
{
	return s->epochs;
}

size_t asy_sim_groups(const asy_sim *s)
{
	return s->group_n;
}

const char *asy_sim_group_name(const asy_sim *s, size_t group)
{
	return group < s->group_n ? s->group_name[group] : "";
}

size_t asy_sim_group(const asy_sim *s, size_t uid)
{
	return uid < s->n ? s->group[uid] : 0;
}
