/* Refuses what no chain state can hold, and names the place. What the chain
 * tolerates is not an error here: targets beyond n, rows of unknown uids, update or
 * permit vectors of another length. */
#include "yuma/kern.h"

static assay_status check_array(const void *p, size_t n, const char *name, assay_err *err)
{
	if (n > 0 && p == NULL)
		return ASSAY_FAIL(err, E_INPUT, "%s: missing, %zu entries expected", name, n);
	return ASSAY_OK;
}

assay_status asy_yuma_check_row(const uint16_t *uid, size_t n, size_t row, const char *name,
								assay_err *err)
{
	uint64_t seen[(UINT16_MAX + 1) / 64] = {0};
	for (size_t k = 0; k < n; k++) {
		uint64_t bit = (uint64_t)1 << (uid[k] % 64);
		if (seen[uid[k] / 64] & bit)
			return ASSAY_FAIL(err, E_INPUT, "%s row %zu: uid %u appears twice, again at entry %zu",
							  name, row, (unsigned)uid[k], k);
		seen[uid[k] / 64] |= bit;
	}
	return ASSAY_OK;
}

static assay_status check_offsets(const assay_yuma_rows *rows, const char *name, assay_err *err)
{
	if (rows->rows_n == 0)
		return ASSAY_OK;
	if (rows->rows_n > ASSAY_YUMA_UIDS_MAX + 1u)
		return ASSAY_FAIL(err, E_RANGE, "%s: %zu rows, at most %u uids exist", name, rows->rows_n,
						  ASSAY_YUMA_UIDS_MAX + 1u);
	if (rows->offset == NULL || rows->offset[0] != 0)
		return ASSAY_FAIL(err, E_INPUT, "%s: row offsets must be given and begin at 0", name);
	for (size_t i = 0; i < rows->rows_n; i++) {
		size_t from = rows->offset[i], to = rows->offset[i + 1];
		if (to < from)
			return ASSAY_FAIL(err, E_INPUT, "%s row %zu: ends at %zu before its begin at %zu", name,
							  i, to, from);
		if (to - from > UINT16_MAX + 1u)
			return ASSAY_FAIL(err, E_RANGE, "%s row %zu: %zu entries, at most %u uids exist", name,
							  i, to - from, UINT16_MAX + 1u);
	}
	assay_status st = check_array(rows->uid, rows->offset[rows->rows_n], name, err);
	return st != ASSAY_OK ? st : check_array(rows->value, rows->offset[rows->rows_n], name, err);
}

/* kinds may be NULL. An ascending row cannot hold a uid twice. */
static assay_status check_rows(const assay_yuma_rows *rows, size_t n, const char *name,
							   const asy_yuma_kern *kern, uint8_t *kinds, assay_err *err)
{
	for (size_t i = 0; i < n; i++) {
		asy_yuma_row row = asy_yuma_row_at(rows, i);
		unsigned kind = row.len == 0 ? ASY_ROW_RUN : kern->row_kind(row.uid, row.len);
		if (kinds != NULL)
			kinds[i] = (uint8_t)kind;
		if (kind != ASY_ROW_MIXED)
			continue;
		assay_status st = asy_yuma_check_row(row.uid, row.len, i, name, err);
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

assay_status asy_yuma_check_rows(const assay_yuma_input *in, uint8_t *w_kind, uint8_t *b_kind,
								 assay_err *err)
{
	const asy_yuma_kern *kern = asy_yuma_kern_of(in->cpu_mask | ASY_YUMA_CPU_LANES);
	assay_status st = check_rows(&in->weights, in->n, "weights", kern, w_kind, err);
	return st != ASSAY_OK ? st : check_rows(&in->bonds, in->n, "bonds", kern, b_kind, err);
}

/* What sizes depend on: cheap enough to run before planning scratch. */
assay_status asy_yuma_check_shape(const assay_yuma_input *in, assay_err *err)
{
	if (in->n > ASSAY_YUMA_UIDS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "n is %zu, at most %u", in->n, ASSAY_YUMA_UIDS_MAX);
	if (in->owner_uid < -1 || in->owner_uid > (int32_t)UINT16_MAX)
		return ASSAY_FAIL(err, E_RANGE, "owner_uid is %" PRId32 ", not a uid (or -1 for none)",
						  in->owner_uid);
	if (in->liquid_consensus_mode > ASSAY_YUMA_CONSENSUS_AUTO)
		return ASSAY_FAIL(
			err, E_RANGE,
			"liquid_alpha_consensus_mode is %u; known are 0 (current), 1 (previous) and "
			"2 (auto)",
			(unsigned)in->liquid_consensus_mode);
	const struct {
		const void *p;
		size_t n;
		const char *name;
	} arrays[] = {
		{in->last_update, in->last_update_n, "last_update"},
		{in->block_at_registration, in->n, "block_at_registration"},
		{in->alpha_stake, in->n, "alpha_stake"},
		{in->tao_stake, in->n, "tao_stake"},
		{in->validator_permit, in->validator_permit_n, "validator_permit"},
		{in->commits, in->commits_n, "commits"},
		{in->previous_consensus, in->previous_consensus_n, "previous_consensus"},
	};
	for (size_t k = 0; k < ASY_COUNT(arrays); k++) {
		assay_status st = check_array(arrays[k].p, arrays[k].n, arrays[k].name, err);
		if (st != ASSAY_OK)
			return st;
	}
	assay_status st = check_offsets(&in->weights, "weights", err);
	return st != ASSAY_OK ? st : check_offsets(&in->bonds, "bonds", err);
}

assay_status assay_yuma_check(const assay_yuma_input *in, assay_err *err)
{
	assay_status st = asy_yuma_check_shape(in, err);
	return st != ASSAY_OK ? st : asy_yuma_check_rows(in, NULL, NULL, err);
}
