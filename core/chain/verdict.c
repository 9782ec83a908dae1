/* What a refusal or a failed call means, and what to do: one table for the pool's words
 * and numbers, one for the chain's error names. The pool's custom numbers are the
 * runtime's own and not in metadata (mirrors: subtensor common/transaction_error.rs,
 * the table of spec 425 is complete for 475); error names are resolved from metadata before they come here.
 * Reason to change: the chain gets a new reason to say no. */
#include <stdlib.h>
#include "chain/impl.h"

typedef struct {
	asy_tx_next next;
	uint32_t wait;
	const char *remedy;
} advice;

static void settle(asy_tx_outcome *out, asy_tx_kind kind, const char *error, const advice *a)
{
	out->kind = kind;
	out->next = a->next;
	out->wait_blocks = a->wait;
	(void)asy_str_copy(out->error, sizeof out->error, error);
	(void)asy_str_copy(out->remedy, sizeof out->remedy, a->remedy);
}

/* ---- custom numbers of the pool ---- */

static const struct {
	int number;
	const char *name;
	advice a;
} custom[] = {
	{0,
	 "ColdkeyInSwapSchedule",
	 {ASY_NEXT_GIVE_UP, 0, "the coldkey is being swapped: wait until the swap is over"}},
	{1,
	 "StakeAmountTooLow",
	 {ASY_NEXT_GIVE_UP, 0,
	  "the hotkey's stake weight is below the chain's StakeThreshold: add stake"}},
	{2, "BalanceTooLow", {ASY_NEXT_GIVE_UP, 0, "fund the account"}},
	{3, "SubnetNotExists", {ASY_NEXT_GIVE_UP, 0, "check netuid in the configuration"}},
	{4, "HotkeyAccountDoesntExist", {ASY_NEXT_GIVE_UP, 0, "register the hotkey"}},
	{5,
	 "NotEnoughStakeToWithdraw",
	 {ASY_NEXT_GIVE_UP, 0, "the stake is too low for that withdrawal"}},
	{6, "RateLimitExceeded", {ASY_NEXT_WAIT, 1, "set or committed too soon after the last time"}},
	{7, "InsufficientLiquidity", {ASY_NEXT_GIVE_UP, 0, "the pool of the subnet holds too little"}},
	{8, "SlippageTooHigh", {ASY_NEXT_GIVE_UP, 0, "the price moves too far for this amount"}},
	{9, "TransferDisallowed", {ASY_NEXT_GIVE_UP, 0, "this subnet allows no transfers"}},
	{10,
	 "HotKeyNotRegisteredInNetwork",
	 {ASY_NEXT_GIVE_UP, 0, "register the hotkey in this subnet"}},
	{11, "InvalidIpAddress", {ASY_NEXT_GIVE_UP, 0, "serve a reachable public address"}},
	{12, "ServingRateLimitExceeded", {ASY_NEXT_WAIT, 10, "the axon was served a short while ago"}},
	{13, "InvalidPort", {ASY_NEXT_GIVE_UP, 0, "serve a port other than 0"}},
	{14, "ZeroMaxAmount", {ASY_NEXT_GIVE_UP, 0, "nothing can be staked at this price"}},
	{15,
	 "InvalidRevealRound",
	 {ASY_NEXT_RESEAL, 0, "the drand round has passed: sealed anew for a later one"}},
	{16,
	 "CommitNotFound",
	 {ASY_NEXT_GIVE_UP, 0,
	  "the commitment is not queued: it was revealed already, has expired, or was never included"}},
	{17,
	 "CommitBlockNotInRevealRange",
	 {ASY_NEXT_WAIT, 1, "outside the reveal window: it opens at the commit epoch plus the period"}},
	{18, "InputLengthsUnequal", {ASY_NEXT_GIVE_UP, 0, "a bug: report it with the journal"}},
	{19, "UidNotFound", {ASY_NEXT_GIVE_UP, 0, "register the hotkey in this subnet"}},
	{20,
	 "EvmKeyAssociateRateLimitExceeded",
	 {ASY_NEXT_WAIT, 10, "an EVM key was associated a short while ago"}},
	{21, "ColdkeySwapDisputed", {ASY_NEXT_GIVE_UP, 0, "the coldkey's swap is disputed"}},
	{22,
	 "InvalidRealAccount",
	 {ASY_NEXT_GIVE_UP, 0, "a proxy call names an account that is not its own"}},
	{23,
	 "FailedShieldedTxParsing",
	 {ASY_NEXT_GIVE_UP, 0, "the shielded transaction cannot be read"}},
	{24,
	 "InvalidShieldedTxPubKeyHash",
	 {ASY_NEXT_GIVE_UP, 0, "the shielded transaction was sealed to another key"}},
	{25, "NonAssociatedColdKey", {ASY_NEXT_GIVE_UP, 0, "another coldkey owns this hotkey"}},
	{26, "DelegateTakeTooLow", {ASY_NEXT_GIVE_UP, 0, "the take is below the least allowed"}},
	{27, "DelegateTakeTooHigh", {ASY_NEXT_GIVE_UP, 0, "the take is above the most allowed"}},
	{255, "BadRequest", {ASY_NEXT_GIVE_UP, 0, "the chain refuses the arguments of this call"}},
};

/* The runtime's own name for a custom number, NULL where it does not describe them. */
static const char *described(const asy_metadata *m, int number)
{
	static const char type[] = "CustomTransactionError";
	for (uint32_t i = 0; m != NULL && i < m->types_n; i++) {
		const asy_type *t = &m->types[i];
		if (t->kind != ASY_TYPE_VARIANT || t->name == NULL || strcmp(t->name, type) != 0)
			continue;
		const asy_type_variant *v = asy_metadata_variant_at(m, i, (uint8_t)number);
		if (v != NULL)
			return v->name;
	}
	return NULL;
}

/*~ A number that we do not know may mean anything, also something that passes by itself: a
 * vector must not be lost to it. It is offered again, as after an unknown code, for as long
 * as it could still count. */
static void refused_custom(const asy_metadata *m, int number, asy_tx_outcome *out)
{
	static const advice unknown = {
		ASY_NEXT_LATER, 1,
		"a reason this version of Assay does not know: sent again later; if it stays, look the "
		"number up in the runtime"};
	const char *own = described(m, number);
	char name[96];
	out->custom = number;
	for (size_t i = 0; i < ASY_COUNT(custom); i++) {
		if (custom[i].number == number) {
			settle(out, ASY_TX_REFUSED, custom[i].name, &custom[i].a);
			return;
		}
	}
	(void)snprintf(name, sizeof name, "Custom error %d%s%s", number, own != NULL ? ": " : "",
				   own != NULL ? own : "");
	settle(out, ASY_TX_REFUSED, name, &unknown);
}

/* ---- words of 1010 ---- */

static const struct {
	const char *words, *name;
	advice a;
} invalid[] = {
	{"Transaction is outdated",
	 "Outdated",
	 {ASY_NEXT_REBUILD, 0, "its nonce is used: built anew with the next one"}},
	{"Transaction will be valid in the future",
	 "Future",
	 {ASY_NEXT_REBUILD, 0, "its nonce is ahead of the account's: built anew"}},
	{"Transaction has a bad signature",
	 "BadSignature",
	 {ASY_NEXT_REBUILD, 0,
	  "the runtime was upgraded or the era has ended: built anew with fresh versions"}},
	{"Transaction has an ancient birth block",
	 "AncientBirthBlock",
	 {ASY_NEXT_REBUILD, 0, "the era began too long ago: built anew"}},
	{"Inability to pay some fees",
	 "Payment",
	 {ASY_NEXT_GIVE_UP, 0, "the account cannot pay the fee of this call: fund it"}},
	{"Transaction would exhaust the block limits",
	 "ExhaustsResources",
	 {ASY_NEXT_WAIT, 1, "the block is full: tried again later"}},
	{"Transaction call is not expected",
	 "Call",
	 {ASY_NEXT_GIVE_UP, 0, "the runtime does not allow this call now"}},
	{"Invalid signing address",
	 "BadSigner",
	 {ASY_NEXT_GIVE_UP, 0, "the runtime does not accept this account as a signer"}},
};

/* The number after "Custom error: ", or -1: a runtime has 0 to 255. */
static int custom_number(const char *text)
{
	static const char mark[] = "Custom error: ";
	const char *at = strstr(text, mark);
	if (at == NULL || at[sizeof mark - 1] < '0' || at[sizeof mark - 1] > '9')
		return -1;
	long n = strtol(at + sizeof mark - 1, NULL, 10);
	return n <= 255 ? (int)n : -1;
}

static void refused_invalid(const asy_metadata *m, const asy_rpc_error *e, asy_tx_outcome *out)
{
	static const advice unknown = {ASY_NEXT_REBUILD, 0, "built anew"};
	const char *text = e->data[0] != '\0' ? e->data : e->message;
	int number = custom_number(text);
	if (number >= 0) {
		refused_custom(m, number, out);
		return;
	}
	for (size_t i = 0; i < ASY_COUNT(invalid); i++) {
		if (strstr(text, invalid[i].words) != NULL) {
			settle(out, ASY_TX_REFUSED, invalid[i].name, &invalid[i].a);
			return;
		}
	}
	settle(out, ASY_TX_REFUSED, text, &unknown);
}

/* ---- codes ---- */

static const struct {
	int64_t code;
	asy_tx_kind kind;
	const char *name;
	advice a;
} codes[] = {
	{1001,
	 ASY_TX_REFUSED,
	 "InvalidFormat",
	 {ASY_NEXT_REBUILD, 0, "the node cannot read it: metadata is read again, built anew"}},
	{1002,
	 ASY_TX_REFUSED,
	 "Verification",
	 {ASY_NEXT_REBUILD, 0, "the runtime failed on it: metadata is read again, built anew"}},
	{1011, ASY_TX_REFUSED, "UnknownValidity", {ASY_NEXT_LATER, 1, "sent again later"}},
	{1012,
	 ASY_TX_REFUSED,
	 "TemporarilyBanned",
	 {ASY_NEXT_REBUILD, 0, "these bytes were refused a short while ago: built anew"}},
	{1013, ASY_TX_PENDING, "AlreadyImported", {ASY_NEXT_POLL, 0, "it is in the pool already"}},
	{1014,
	 ASY_TX_BLOCKED,
	 "PriorityTooLow",
	 {ASY_NEXT_WAIT, 1, "another transaction of this hotkey with the same nonce is pending"}},
	{1016, ASY_TX_REFUSED, "ImmediatelyDropped", {ASY_NEXT_LATER, 1, "the pool is full"}},
	{1021,
	 ASY_TX_REFUSED,
	 "NoFuture",
	 {ASY_NEXT_REBUILD, 0, "the nonce is ahead of the account's: built anew"}},
	{-32601,
	 ASY_TX_REFUSED,
	 "MethodNotFound",
	 {ASY_NEXT_LATER, 1, "this endpoint does not take transactions: configure another"}},
};

void asy_verdict_refused(const asy_metadata *m, const asy_rpc_error *e, asy_tx_outcome *out)
{
	static const advice unknown = {ASY_NEXT_LATER, 1, "the node is unable now: sent again later"};
	*out = (asy_tx_outcome){.code = e->code, .custom = -1};
	if (e->code == 1010) {
		refused_invalid(m, e, out);
		return;
	}
	for (size_t i = 0; i < ASY_COUNT(codes); i++) {
		if (codes[i].code == e->code) {
			settle(out, codes[i].kind, codes[i].name, &codes[i].a);
			return;
		}
	}
	settle(out, ASY_TX_REFUSED, e->message, &unknown);
}

/* ---- what depends on the call ---- */

static bool is_named(const char *call, const char *prefix)
{
	const char *dot = strchr(call, '.');
	return dot != NULL && strncmp(dot + 1, prefix, strlen(prefix)) == 0;
}

static void advise(asy_tx_outcome *out, const advice *a)
{
	out->next = a->next;
	out->wait_blocks = a->wait;
	(void)asy_str_copy(out->remedy, sizeof out->remedy, a->remedy);
}

/*~ 255 is what the pool says for every reason that has no number of its own. For weights
 * one of them can be told from the state: they were made for the other position of the
 * commit-reveal switch. The others (a permit that is gone, a limit) may pass, and a vector
 * must not be lost to one word. */
void asy_verdict_of_call(const char *call, bool commit_reveal, asy_tx_outcome *out)
{
	static const advice other_way = {
		ASY_NEXT_RESEAL, 0, "the subnet's commit-reveal switch was turned: sent the other way"};
	static const advice unnamed = {ASY_NEXT_WAIT, 10,
								   "refused for a reason that has no number: the permit, the "
								   "consensus mode or a limit; tried again"};
	static const advice pending = {
		ASY_NEXT_WAIT, 1,
		"another commitment of this hotkey for this mechanism is pending: waited for"};
	bool is_set = is_named(call, "set_"), is_commit = is_named(call, "commit_");
	if (out->custom == 255 && ((is_set && commit_reveal) || (is_commit && !commit_reveal)))
		advise(out, &other_way);
	else if (out->custom == 255 && (is_set || is_commit))
		advise(out, &unnamed);
	else if (out->code == 1014 && is_commit)
		advise(out, &pending);
}

/* ---- failed calls ---- */

static const struct {
	const char *name;
	advice a;
} failures[] = {
	{"CommittingWeightsTooFast", {ASY_NEXT_WAIT, 1, "committed too soon after the last time"}},
	{"SettingWeightsTooFast", {ASY_NEXT_WAIT, 1, "set too soon after the last time"}},
	{"ServingRateLimitExceeded", {ASY_NEXT_WAIT, 10, "the axon was served a short while ago"}},
	{"RevealTooEarly", {ASY_NEXT_WAIT, 1, "the reveal window has not opened"}},
	{"TooManyUnrevealedCommits",
	 {ASY_NEXT_WAIT, 50, "ten commitments are queued: reveal them or let them expire"}},
	{"ExpiredWeightCommit",
	 {ASY_NEXT_GIVE_UP, 0, "the reveal window has passed: these weights are lost"}},
	{"NoWeightsCommitFound",
	 {ASY_NEXT_GIVE_UP, 0, "nothing is queued: it was revealed already or has expired"}},
	{"InvalidRevealCommitHashNotMatch",
	 {ASY_NEXT_GIVE_UP, 0, "no queued commitment has this hash: it was revealed or forfeited"}},
	{"CommitRevealEnabled",
	 {ASY_NEXT_RESEAL, 0, "the subnet switched commit-reveal on: the vector is committed"}},
	{"CommitRevealDisabled",
	 {ASY_NEXT_RESEAL, 0, "the subnet switched commit-reveal off: the vector is set directly"}},
	{"IncorrectCommitRevealVersion",
	 {ASY_NEXT_RESEAL, 0, "the chain wants another version of commitments: sealed anew"}},
	{"InvalidRevealRound",
	 {ASY_NEXT_RESEAL, 0, "the drand round has passed: sealed anew for a later one"}},
	{"CommitPayloadTooLarge",
	 {ASY_NEXT_GIVE_UP, 0, "the vector is too long for this subnet: set weights.max_count"}},
	{"CommitQueueFull",
	 {ASY_NEXT_WAIT, 5, "the subnet's queue of commitments is full: tried again"}},
	{"HotKeyNotRegisteredInSubNet", {ASY_NEXT_GIVE_UP, 0, "register the hotkey in this subnet"}},
	{"NeuronNoValidatorPermit",
	 {ASY_NEXT_GIVE_UP, 0, "the hotkey has no validator permit: it needs more stake"}},
	{"NotEnoughStakeToSetWeights",
	 {ASY_NEXT_GIVE_UP, 0, "the hotkey's stake weight is below StakeThreshold: add stake"}},
	{"IncorrectWeightVersionKey",
	 {ASY_NEXT_GIVE_UP, 0, "the subnet wants a newer version key: update the validator"}},
	{"MechanismDoesNotExist",
	 {ASY_NEXT_GIVE_UP, 0, "check the mechanism's number in the configuration"}},
};

void asy_verdict_failed(const asy_dispatch *d, asy_tx_outcome *out)
{
	static const advice unknown = {
		ASY_NEXT_GIVE_UP, 0, "the chain refused the call: repeating it unchanged cannot help"};
	for (size_t i = 0; i < ASY_COUNT(failures); i++) {
		if (strcmp(failures[i].name, d->name) == 0) {
			settle(out, ASY_TX_FAILED, d->error, &failures[i].a);
			return;
		}
	}
	settle(out, ASY_TX_FAILED, d->error, &unknown);
}

const char *asy_tx_kind_name(asy_tx_kind k)
{
	switch (k) {
	case ASY_TX_PENDING:
		return "pending";
	case ASY_TX_SUCCESS:
		return "success";
	case ASY_TX_FAILED:
		return "failed";
	case ASY_TX_REFUSED:
		return "refused";
	case ASY_TX_BLOCKED:
		return "blocked";
	case ASY_TX_EXPIRED:
		return "expired";
	}
	return "?";
}
