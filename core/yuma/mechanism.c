/* Around the epochs of a subnet with several mechanisms: how the emission is split
 * before them and how their results are merged after. One mechanism is the identity.
 * mirrors: subtensor subnets/mechanism.rs:split_emissions, epoch_with_mechanisms,
 * weighted_acc_* @14bc6f9 */
#include "yuma/run.h"

static assay_status check_count(size_t n, assay_err *err)
{
	if (n == 0 || n > ASSAY_YUMA_MECHANISMS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "%zu mechanisms, a subnet has 1 to %d", n,
						  ASSAY_YUMA_MECHANISMS_MAX);
	return ASSAY_OK;
}

assay_status assay_yuma_split(uint64_t total, const uint16_t *shares, size_t mechanisms_n,
							  uint64_t *out, assay_err *err)
{
	assay_status st = check_count(mechanisms_n, err);
	if (st != ASSAY_OK)
		return st;
	uint64_t sum = 0, given = 0;
	for (size_t k = 0; shares != NULL && k < mechanisms_n; k++)
		sum += shares[k];
	if (shares != NULL && sum != UINT16_MAX)
		return ASSAY_FAIL(err, E_INPUT, "emission shares sum to %" PRIu64 ", not 65535", sum);
	for (size_t k = 0; k < mechanisms_n; k++) {
		out[k] = shares == NULL ? total / mechanisms_n
								: (uint64_t)((asy_u128)total * shares[k] / UINT16_MAX);
		given += out[k];
	}
	out[0] += total - given;
	return ASSAY_OK;
}

/* A share of the total as U64F64: 64 fraction bits, 1 is 2^64. */
static asy_u128 share_of(uint64_t part, uint64_t total, size_t mechanism)
{
	const asy_u128 one = (asy_u128)1 << 64;
	if (total == 0)
		return mechanism == 0 ? one : 0;
	asy_u128 whole = part / total, rest = part % total;
	return (whole << 64) + (rest << 64) / total;
}

/* floor(existing + value * share), clamped. value * 2^64 fits; shares above one exist
 * only when the parts exceed the total. */
static uint64_t accumulate(uint64_t existing, uint64_t value, asy_u128 share, uint64_t max)
{
	asy_u128 whole = (asy_u128)value * (uint64_t)(share >> 64);
	asy_u128 part = (asy_u128)value * (uint64_t)share;
	asy_u128 sum = (asy_u128)existing + whole + (part >> 64);
	return sum > max ? max : (uint64_t)sum;
}

typedef struct {
	const void *from;
	void *to;
	enum { OR8, ADD64, ACC16, ACC64 } how;
	const char *name;
} column;

static void merge_column(const column *c, size_t n, asy_u128 share, bool first)
{
	for (size_t i = 0; i < n; i++) {
		switch (c->how) {
		case OR8: {
			uint8_t *to = c->to;
			to[i] = (uint8_t)((first ? 0 : to[i]) | ((const uint8_t *)c->from)[i]);
			break;
		}
		case ADD64: {
			uint64_t *to = c->to;
			to[i] = asy_sat_add_u64(first ? 0 : to[i], ((const uint64_t *)c->from)[i]);
			break;
		}
		case ACC16: {
			uint16_t *to = c->to;
			to[i] = (uint16_t)accumulate(first ? 0 : to[i], ((const uint16_t *)c->from)[i], share,
										 UINT16_MAX);
			break;
		}
		case ACC64: {
			uint64_t *to = c->to;
			to[i] =
				accumulate(first ? 0 : to[i], ((const uint64_t *)c->from)[i], share, UINT64_MAX);
			break;
		}
		}
	}
}

#define COLUMNS 9
static void columns_of(const assay_yuma_out *from, const assay_yuma_out *to, column out[COLUMNS])
{
	const column all[COLUMNS] = {
		{from->active, to->active, OR8, "active"},
		{from->validator_permit, to->validator_permit, OR8, "validator_permit"},
		{from->server_emission, to->server_emission, ADD64, "server_emission"},
		{from->validator_emission, to->validator_emission, ADD64, "validator_emission"},
		{from->stake_weight, to->stake_weight, ACC16, "stake_weight"},
		{from->consensus, to->consensus, ACC16, "consensus"},
		{from->validator_trust, to->validator_trust, ACC16, "validator_trust"},
		{from->dividends, to->dividends, ACC16, "dividends"},
		{from->emission, to->emission, ACC64, "emission"},
	};
	memcpy(out, all, sizeof all);
}

assay_status assay_yuma_merge(const assay_yuma_mechanism *mechanisms, size_t mechanisms_n, size_t n,
							  uint64_t total, const assay_yuma_out *merged, assay_err *err)
{
	column c[COLUMNS];
	assay_status st = check_count(mechanisms_n, err);
	if (st != ASSAY_OK)
		return st;
	for (size_t m = 0; m < mechanisms_n; m++) {
		columns_of(mechanisms[m].out, merged, c);
		for (size_t k = 0; k < COLUMNS; k++)
			if (c[k].to != NULL && c[k].from == NULL)
				return ASSAY_FAIL(err, E_INPUT, "mechanism %zu has no %s to merge", m, c[k].name);
	}
	for (size_t m = 0; m < mechanisms_n; m++) {
		const asy_u128 share = share_of(mechanisms[m].emission, total, m);
		columns_of(mechanisms[m].out, merged, c);
		for (size_t k = 0; k < COLUMNS; k++)
			if (c[k].to != NULL)
				merge_column(&c[k], n, share, m == 0);
	}
	return ASSAY_OK;
}
