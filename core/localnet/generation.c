/* Generations: the runtimes that this chain can be, as differences from the newest, whose rows
 * are in tables.h. One row of the table each; what a row says is announced and done alike.
 * Reason to change: another runtime. */
#include "localnet/tables.h"

/* Errors 0 to 95 are the same in all of them. */
enum { ERRORS_SAME = 96 };
static const char *const errors_425[] = {
	"SameNetuid",
	"InsufficientBalance",
	"InvalidLeaseBeneficiary",
	"LeaseCannotEndInThePast",
	"LeaseNetuidNotFound",
	"LeaseDoesNotExist",
	"LeaseHasNoEndBlock",
	"LeaseHasNotEnded",
	"Overflow",
	"BeneficiaryDoesNotOwnHotkey",
	"ExpectedBeneficiaryOrigin",
	"AdminActionProhibitedDuringWeightsWindow",
	"SymbolDoesNotExist",
	"SymbolAlreadyInUse",
	"IncorrectCommitRevealVersion",
	"InvalidRevealRound",
	"RevealPeriodTooLarge",
	"RevealPeriodTooSmall",
	"InvalidValue",
	"SubnetLimitReached",
	"CannotAffordLockCost",
	"EvmKeyAssociateRateLimitExceeded",
	"SameAutoStakeHotkeyAlreadySet",
	"UidMapCouldNotBeCleared",
	"TrimmingWouldExceedMaxImmunePercentage",
	"ChildParentInconsistency",
	"InvalidNumRootClaim",
	"InvalidRootClaimThreshold",
	"InvalidSubnetNumber",
	"TooManyUIDsPerMechanism",
	"VotingPowerTrackingNotEnabled",
	"InvalidVotingPowerEmaAlpha",
	"Deprecated",
	"AddStakeBurnRateLimitExceeded",
	"ColdkeySwapAnnounced",
	"ColdkeySwapDisputed",
	"ColdkeySwapClearTooEarly",
	"DisabledTemporarily",
	"RegistrationPriceLimitExceeded",
	"LockHotkeyMismatch",
	"InsufficientStakeForLock",
	"NoExistingLock",
	"ActiveLockExists",
	"CannotUseSystemAccount",
	"UnlockAmountTooHigh",
	"TempoOutOfBounds",
	"ActivityCutoffFactorMilliOutOfBounds",
	"EpochTriggerAlreadyPending",
	"AutoEpochAlreadyImminent",
	"DynamicTempoBlockedByCommitReveal",
	"AccountRejectsLockedAlpha",
};

static const lnet_generation table[] = {
	{.spec = 475, .liquid_mode = true, .null_mode = true, .pool_guards = true},
	{.spec = 425,
	 .errors = errors_425,
	 .errors_n = ASY_COUNT(errors_425),
	 .events_before = 1 /* RootWeightsSet took number 6 later */},
};

const lnet_generation *asy_lnet_generation(uint64_t spec)
{
	for (size_t i = 0; i < ASY_COUNT(table); i++)
		if (table[i].spec == spec)
			return &table[i];
	return NULL;
}

bool asy_lnet_generation_has(const lnet_generation *g, lnet_item item)
{
	switch ((int)item) {
	case LNET_S_LIQUID_MODE:
	case LNET_S_STORED_CONSENSUS:
	case LNET_S_SUSPENDED:
		return g->liquid_mode;
	case LNET_S_EPOCH_CONSENSUS:
	case LNET_S_LAST_YUMA_STEP:
		return g->null_mode;
	default:
		return true;
	}
}

size_t asy_lnet_generation_errors(const lnet_generation *g)
{
	return g->errors != NULL ? ERRORS_SAME + g->errors_n : (size_t)LNET_E_N;
}

const char *asy_lnet_error_name(const lnet_generation *g, size_t number)
{
	const size_t n = asy_lnet_generation_errors(g);
	ASSERT(number < n);
	return g->errors == NULL || number < ERRORS_SAME ? asy_lnet_errors[number]
													 : g->errors[number - ERRORS_SAME];
}

uint8_t asy_lnet_error_number(const lnet_generation *g, int error)
{
	if (g->errors == NULL || error < ERRORS_SAME)
		return (uint8_t)error;
	for (size_t i = 0; i < g->errors_n; i++)
		if (strcmp(g->errors[i], asy_lnet_errors[error]) == 0)
			return (uint8_t)(ERRORS_SAME + i);
	return LNET_E_CallDisabled; /* its rules have no such error: nothing comes here */
}

uint8_t asy_lnet_event_number(const lnet_generation *g, const lnet_variant_row *event)
{
	bool moved = event->pallet == LNET_SUBTENSOR && event->index > LNET_EVENT_INSERTED;
	return (uint8_t)(event->index - (moved ? g->events_before : 0));
}
