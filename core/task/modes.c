/* What the subnet's consensus mode means for us: whether a vector of ours may be sent, and
 * who decides where we do not. Pure.
 * Reason to change: the chain gets another mode. */
#include "codec/codec.h"
#include "task/task.h"

static long permit_holder(const assay_snapshot *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->neuron[i].permit)
			return (long)i;
	return -1;
}

/*~ In Null consensus one validator decides, the one with most stake at the last epoch. From
 * everybody else the chain takes nothing, not even from the subnet's owner. */
static assay_status check_null(const assay_snapshot *s, long uid, assay_err *err)
{
	char ss58[ASY_SS58_LEN];
	long holder = permit_holder(s);
	if (uid >= 0 && s->neuron[uid].permit)
		return ASSAY_OK;
	if (holder < 0)
		return ASSAY_FAIL(
			err, E_CHAIN,
			"subnet %u pays by Null consensus and nobody holds its permit yet: the next "
			"epoch gives it to the largest stake",
			s->netuid);
	asy_ss58_encode(s->neuron[holder].hotkey.b, ss58);
	return ASSAY_FAIL(
		err, E_CHAIN,
		"subnet %u pays by Null consensus: only uid %ld decides (%s), which holds the "
		"permit; it goes to the largest stake at each epoch",
		s->netuid, holder, ss58);
}

assay_status asy_mode_allows(const assay_snapshot *s, long uid, assay_err *err)
{
	if (s->hyper.epoch_consensus == ASY_CONSENSUS_NULL)
		return check_null(s, uid, err);
	if (s->hyper.epoch_consensus != ASY_CONSENSUS_YUMA)
		return ASSAY_FAIL(
			err, E_CHAIN,
			"subnet %u pays by consensus mode %u, which this version of Assay does not "
			"know: update it",
			s->netuid, s->hyper.epoch_consensus);
	return ASSAY_OK;
}
