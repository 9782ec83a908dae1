/* Tables: everything the imitated runtime serves, named once. The metadata is
 * written from these rows and the runtime finds its storage keys, defaults, call
 * numbers and error numbers in the same rows, so what is announced and what is
 * done cannot drift apart. Spec 475, older ones as differences (generation.c); numbers, hashers and types equal the JSON
 * oracles (tests/unit/localnet/test_metadata.c compares them). An item that the
 * runtime does not keep has no row.
 * Type texts use the language of the oracles: u16, [u8; 32], Vec<T>, (A, B),
 * Compact<T>, Option<T>, or a name from LNET_TYPES.
 * Reason to change: the surface of the imitated runtime. */
#ifndef ASY_LOCALNET_TABLES_H
#define ASY_LOCALNET_TABLES_H
#include "base/base.h"

enum { LNET_SPEC_VERSION = 475, LNET_TX_VERSION = 1, LNET_IMPL_VERSION = 1, LNET_SS58 = 42 };
#define LNET_SPEC_NAME "node-subtensor"

enum { LNET_SYSTEM = 0, LNET_TIMESTAMP = 2, LNET_SUBTENSOR = 7, LNET_DRAND = 26 };

/* BeaconConfig of a real chain: the key, period, genesis, names of drand's quicknet. */
#define LNET_QUICKNET                                                                              \
	"810183cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b"                     \
	"450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9c"                     \
	"f809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a030000002721e6648052"                     \
	"db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e97180f477d5c8"                     \
	"9f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e60626c732d756e63"                     \
	"6861696e65642d67312d7266633933383020717569636b6e6574"

/* X(id, pallet, name, modifier O|D, hashers, key types, value type, default hex)
 * Hashers: I identity, B blake2-128-concat, T twox-64-concat; "" = plain value. */
#define LNET_STORAGE(X)                                                                            \
	X(ACCOUNT, SYSTEM, "Account", 'D', "B", "AccountId32", "AccountInfo",                          \
	  "000000000000000000000000000000000000000000000000000000000000"                               \
	  "0000000000000000000000000000000000000000000000000080")                                      \
	X(EXTRINSIC_COUNT, SYSTEM, "ExtrinsicCount", 'O', "", "", "u32", "00")                         \
	X(BLOCK_HASH, SYSTEM, "BlockHash", 'D', "T", "u32", "H256",                                    \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(NUMBER, SYSTEM, "Number", 'D', "", "", "u32", "00000000")                                    \
	X(PARENT_HASH, SYSTEM, "ParentHash", 'D', "", "", "H256",                                      \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(EVENTS, SYSTEM, "Events", 'D', "", "", "Vec<EventRecord>", "00")                             \
	X(EVENT_COUNT, SYSTEM, "EventCount", 'D', "", "", "u32", "00000000")                           \
	X(NOW, TIMESTAMP, "Now", 'D', "", "", "u64", "0000000000000000")                               \
	X(SUBNETWORK_N, SUBTENSOR, "SubnetworkN", 'D', "I", "u16", "u16", "0000")                      \
	X(KEYS, SUBTENSOR, "Keys", 'D', "II", "u16, u16", "AccountId32",                               \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(UIDS, SUBTENSOR, "Uids", 'O', "IB", "u16, AccountId32", "u16", "00")                         \
	X(IS_MEMBER, SUBTENSOR, "IsNetworkMember", 'D', "BI", "AccountId32, u16", "bool", "00")        \
	X(OWNER, SUBTENSOR, "Owner", 'D', "B", "AccountId32", "AccountId32",                           \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(AXONS, SUBTENSOR, "Axons", 'O', "IB", "u16, AccountId32", "AxonInfo", "00")                  \
	X(REGISTERED_AT, SUBTENSOR, "BlockAtRegistration", 'D', "II", "u16, u16", "u64",               \
	  "0000000000000000")                                                                          \
	X(NETWORKS_ADDED, SUBTENSOR, "NetworksAdded", 'D', "I", "u16", "bool", "00")                   \
	X(NETWORK_REGISTERED_AT, SUBTENSOR, "NetworkRegisteredAt", 'D', "I", "u16", "u64",             \
	  "0000000000000000")                                                                          \
	X(TOTAL_NETWORKS, SUBTENSOR, "TotalNetworks", 'D', "", "", "u16", "0000")                      \
	X(SUBNET_OWNER, SUBTENSOR, "SubnetOwner", 'D', "I", "u16", "AccountId32",                      \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(SUBNET_OWNER_HOTKEY, SUBTENSOR, "SubnetOwnerHotkey", 'D', "I", "u16", "AccountId32",         \
	  "0000000000000000000000000000000000000000000000000000000000000000")                          \
	X(TOKEN_SYMBOL, SUBTENSOR, "TokenSymbol", 'D', "I", "u16", "Vec<u8>", "10f09d9c8f")            \
	X(IMMUNITY_PERIOD, SUBTENSOR, "ImmunityPeriod", 'D', "I", "u16", "u16", "0010")                \
	X(MAX_UIDS, SUBTENSOR, "MaxAllowedUids", 'D', "I", "u16", "u16", "0010")                       \
	X(WEIGHTS, SUBTENSOR, "Weights", 'D', "II", "u16, u16", "Vec<(u16, u16)>", "00")               \
	X(BONDS, SUBTENSOR, "Bonds", 'D', "II", "u16, u16", "Vec<(u16, u16)>", "00")                   \
	X(LAST_UPDATE, SUBTENSOR, "LastUpdate", 'D', "I", "u16", "Vec<u64>", "00")                     \
	X(INCENTIVE, SUBTENSOR, "Incentive", 'D', "I", "u16", "Vec<u16>", "00")                        \
	X(ACTIVE, SUBTENSOR, "Active", 'D', "I", "u16", "Vec<bool>", "00")                             \
	X(PERMIT, SUBTENSOR, "ValidatorPermit", 'D', "I", "u16", "Vec<bool>", "00")                    \
	X(CONSENSUS, SUBTENSOR, "Consensus", 'D', "I", "u16", "Vec<u16>", "00")                        \
	X(DIVIDENDS, SUBTENSOR, "Dividends", 'D', "I", "u16", "Vec<u16>", "00")                        \
	X(VTRUST, SUBTENSOR, "ValidatorTrust", 'D', "I", "u16", "Vec<u16>", "00")                      \
	X(STAKE_WEIGHT, SUBTENSOR, "StakeWeight", 'D', "I", "u16", "Vec<u16>", "00")                   \
	X(EMISSION, SUBTENSOR, "Emission", 'D', "I", "u16", "Vec<u64>", "00")                          \
	X(TEMPO, SUBTENSOR, "Tempo", 'D', "I", "u16", "u16", "0a00")                                   \
	X(SINCE_STEP, SUBTENSOR, "BlocksSinceLastStep", 'D', "I", "u16", "u64", "0000000000000000")    \
	X(LAST_STEP, SUBTENSOR, "LastMechansimStepBlock", 'D', "I", "u16", "u64", "0000000000000000")  \
	X(LAST_EPOCH, SUBTENSOR, "LastEpochBlock", 'D', "I", "u16", "u64", "0000000000000000")         \
	X(PENDING_EPOCH, SUBTENSOR, "PendingEpochAt", 'D', "I", "u16", "u64", "0000000000000000")      \
	X(EPOCH_INDEX, SUBTENSOR, "SubnetEpochIndex", 'D', "I", "u16", "u64", "0000000000000000")      \
	X(MAX_EPOCHS, SUBTENSOR, "MaxEpochsPerBlock", 'D', "", "", "u8", "02")                         \
	X(CUTOFF_FACTOR, SUBTENSOR, "ActivityCutoffFactorMilli", 'D', "I", "u16", "u32", "41360000")   \
	X(KAPPA, SUBTENSOR, "Kappa", 'D', "I", "u16", "u16", "ff7f")                                   \
	X(RHO, SUBTENSOR, "Rho", 'D', "I", "u16", "u16", "0a00")                                       \
	X(BONDS_MOVING_AVERAGE, SUBTENSOR, "BondsMovingAverage", 'D', "I", "u16", "u64",               \
	  "a0bb0d0000000000")                                                                          \
	X(BONDS_PENALTY, SUBTENSOR, "BondsPenalty", 'D', "I", "u16", "u16", "ffff")                    \
	X(BONDS_RESET, SUBTENSOR, "BondsResetOn", 'D', "I", "u16", "bool", "00")                       \
	X(LIQUID_ALPHA, SUBTENSOR, "LiquidAlphaOn", 'D', "B", "u16", "bool", "00")                     \
	X(YUMA3, SUBTENSOR, "Yuma3On", 'D', "B", "u16", "bool", "00")                                  \
	X(ALPHA_VALUES, SUBTENSOR, "AlphaValues", 'D', "I", "u16", "(u16, u16)", "33b366e6")           \
	X(ALPHA_STEEPNESS, SUBTENSOR, "AlphaSigmoidSteepness", 'D', "I", "u16", "i16", "e803")         \
	X(CUTOFF, SUBTENSOR, "ActivityCutoff", 'D', "I", "u16", "u16", "8813")                         \
	X(MIN_WEIGHTS, SUBTENSOR, "MinAllowedWeights", 'D', "I", "u16", "u16", "0004")                 \
	X(MAX_WEIGHT_LIMIT, SUBTENSOR, "MaxWeightsLimit", 'D', "I", "u16", "u16", "ffff")              \
	X(VERSION_KEY, SUBTENSOR, "WeightsVersionKey", 'D', "I", "u16", "u64", "0000000000000000")     \
	X(WEIGHTS_RATE, SUBTENSOR, "WeightsSetRateLimit", 'D', "I", "u16", "u64", "6400000000000000")  \
	X(COMMIT_REVEAL, SUBTENSOR, "CommitRevealWeightsEnabled", 'D', "I", "u16", "bool", "01")       \
	X(REVEAL_PERIOD, SUBTENSOR, "RevealPeriodEpochs", 'D', "T", "u16", "u64", "0100000000000000")  \
	X(MAX_VALIDATORS, SUBTENSOR, "MaxAllowedValidators", 'D', "I", "u16", "u16", "8000")           \
	X(SERVING_RATE, SUBTENSOR, "ServingRateLimit", 'D', "I", "u16", "u64", "3200000000000000")     \
	X(COMMIT_VERSION, SUBTENSOR, "CommitRevealWeightsVersion", 'D', "", "", "u16", "0400")         \
	X(STAKE_THRESHOLD, SUBTENSOR, "StakeThreshold", 'D', "", "", "u64", "0000000000000000")        \
	X(TAO_WEIGHT, SUBTENSOR, "TaoWeight", 'D', "", "", "u64", "fc62e03efa3c7c0d")                  \
	X(FREEZE_WINDOW, SUBTENSOR, "AdminFreezeWindow", 'D', "", "", "u16", "0a00")                   \
	X(WEIGHT_COMMITS, SUBTENSOR, "WeightCommits", 'O', "TT", "u16, AccountId32",                   \
	  "Vec<(H256, u64, u64, u64)>", "00")                                                          \
	X(MECHANISMS, SUBTENSOR, "MechanismCountCurrent", 'D', "T", "u16", "u8", "01")                 \
	X(MECHANISM_SPLIT, SUBTENSOR, "MechanismEmissionSplit", 'O', "T", "u16", "Vec<u16>", "00")     \
	X(HOTKEY_ALPHA, SUBTENSOR, "TotalHotkeyAlpha", 'D', "BI", "AccountId32, u16", "u64",           \
	  "0000000000000000")                                                                          \
	X(PARENT_KEYS, SUBTENSOR, "ParentKeys", 'D', "BI", "AccountId32, u16",                         \
	  "Vec<(u64, AccountId32)>", "00")                                                             \
	X(CHILD_KEYS, SUBTENSOR, "ChildKeys", 'D', "BI", "AccountId32, u16",                           \
	  "Vec<(u64, AccountId32)>", "00")                                                             \
	X(SUSPENDED, SUBTENSOR, "ChildkeyThresholdSuspended", 'O', "B", "AccountId32", "()", "00")     \
	X(ALPHA_OUT_EMISSION, SUBTENSOR, "SubnetAlphaOutEmission", 'D', "I", "u16", "u64",             \
	  "0000000000000000")                                                                          \
	X(PENDING_SERVER, SUBTENSOR, "PendingServerEmission", 'D', "I", "u16", "u64",                  \
	  "0000000000000000")                                                                          \
	X(PENDING_VALIDATOR, SUBTENSOR, "PendingValidatorEmission", 'D', "I", "u16", "u64",            \
	  "0000000000000000")                                                                          \
	X(PENDING_ROOT, SUBTENSOR, "PendingRootAlphaDivs", 'D', "I", "u16", "u64", "0000000000000000") \
	X(BURN, SUBTENSOR, "Burn", 'D', "I", "u16", "u64", "00e1f50500000000")                         \
	X(REGISTRATION_ALLOWED, SUBTENSOR, "NetworkRegistrationAllowed", 'D', "I", "u16", "bool",      \
	  "01")                                                                                        \
	X(LIQUID_MODE, SUBTENSOR, "LiquidAlphaConsensusMode", 'D', "I", "u16", "u8", "02")             \
	X(STORED_CONSENSUS, SUBTENSOR, "ConsensusByMechanism", 'D', "I", "u16", "Vec<u16>", "00")      \
	X(EPOCH_CONSENSUS, SUBTENSOR, "SubnetEpochConsensus", 'D', "I", "u16", "u8", "00")             \
	X(LAST_YUMA_STEP, SUBTENSOR, "LastYumaStepBlock", 'O', "I", "u16", "u64", "00")                \
	X(TIMELOCK_COMMITS, SUBTENSOR, "TimelockedWeightCommits", 'D', "TT", "u16, u64",               \
	  "Vec<(AccountId32, u64, BoundedVec, u64)>", "00")                                            \
	X(BEACON, DRAND, "BeaconConfig", 'D', "", "", "BeaconConfiguration", LNET_QUICKNET)            \
	X(PULSES, DRAND, "Pulses", 'O', "B", "u64", "Pulse", "00")                                     \
	X(LAST_ROUND, DRAND, "LastStoredRound", 'D', "", "", "u64", "0000000000000000")                \
	X(OLDEST_ROUND, DRAND, "OldestStoredRound", 'D', "", "", "u64", "0000000000000000")

typedef enum {
#define LNET_STORAGE_ENUM(id, ...) LNET_S_##id,
	LNET_STORAGE(LNET_STORAGE_ENUM)
#undef LNET_STORAGE_ENUM
		LNET_S_N
} lnet_item;

/* X(id, pallet, call number, name, arguments) */
#define LNET_CALLS(X)                                                                              \
	X(TIMESTAMP_SET, TIMESTAMP, 0, "set", "now: Compact<u64>")                                     \
	X(SET_WEIGHTS, SUBTENSOR, 0, "set_weights",                                                    \
	  "netuid: u16, dests: Vec<u16>, weights: Vec<u16>, version_key: u64")                         \
	X(SERVE_AXON, SUBTENSOR, 4, "serve_axon",                                                      \
	  "netuid: u16, version: u32, ip: u128, port: u16, ip_type: u8, protocol: u8, "                \
	  "placeholder1: u8, placeholder2: u8")                                                        \
	X(BURNED_REGISTER, SUBTENSOR, 7, "burned_register", "netuid: u16, hotkey: AccountId32")        \
	X(BATCH_SET_WEIGHTS, SUBTENSOR, 80, "batch_set_weights",                                       \
	  "netuids: Vec<Compact<u16>>, weights: Vec<Vec<(Compact<u16>, Compact<u16>)>>, "              \
	  "version_keys: Vec<Compact<u64>>")                                                           \
	X(COMMIT_WEIGHTS, SUBTENSOR, 96, "commit_weights", "netuid: u16, commit_hash: H256")           \
	X(REVEAL_WEIGHTS, SUBTENSOR, 97, "reveal_weights",                                             \
	  "netuid: u16, uids: Vec<u16>, values: Vec<u16>, salt: Vec<u16>, version_key: u64")           \
	X(BATCH_REVEAL_WEIGHTS, SUBTENSOR, 98, "batch_reveal_weights",                                 \
	  "netuid: u16, uids_list: Vec<Vec<u16>>, values_list: Vec<Vec<u16>>, "                        \
	  "salts_list: Vec<Vec<u16>>, version_keys: Vec<u64>")                                         \
	X(BATCH_COMMIT_WEIGHTS, SUBTENSOR, 100, "batch_commit_weights",                                \
	  "netuids: Vec<Compact<u16>>, commit_hashes: Vec<H256>")                                      \
	X(COMMIT_TIMELOCKED_WEIGHTS, SUBTENSOR, 113, "commit_timelocked_weights",                      \
	  "netuid: u16, commit: BoundedVec, reveal_round: u64, commit_reveal_version: u16")            \
	X(COMMIT_MECHANISM_WEIGHTS, SUBTENSOR, 115, "commit_mechanism_weights",                        \
	  "netuid: u16, mecid: u8, commit_hash: H256")                                                 \
	X(REVEAL_MECHANISM_WEIGHTS, SUBTENSOR, 116, "reveal_mechanism_weights",                        \
	  "netuid: u16, mecid: u8, uids: Vec<u16>, values: Vec<u16>, salt: Vec<u16>, "                 \
	  "version_key: u64")                                                                          \
	X(COMMIT_TIMELOCKED_MECHANISM_WEIGHTS, SUBTENSOR, 118, "commit_timelocked_mechanism_weights",  \
	  "netuid: u16, mecid: u8, commit: BoundedVec, reveal_round: u64, commit_reveal_version: u16") \
	X(SET_MECHANISM_WEIGHTS, SUBTENSOR, 119, "set_mechanism_weights",                              \
	  "netuid: u16, mecid: u8, dests: Vec<u16>, weights: Vec<u16>, version_key: u64")

typedef enum {
#define LNET_CALLS_ENUM(id, ...) LNET_C_##id,
	LNET_CALLS(LNET_CALLS_ENUM)
#undef LNET_CALLS_ENUM
		LNET_C_N
} lnet_call;

/* X(id, pallet, event number, name, fields) */
#define LNET_EVENTS(X)                                                                             \
	X(SUCCESS, SYSTEM, 0, "ExtrinsicSuccess", "dispatch_info: DispatchEventInfo")                  \
	X(FAILED, SYSTEM, 1, "ExtrinsicFailed",                                                        \
	  "dispatch_error: DispatchError, dispatch_info: DispatchEventInfo")                           \
	X(WEIGHTS_SET, SUBTENSOR, 5, "WeightsSet", "u16, u16")                                         \
	X(NEURON_REGISTERED, SUBTENSOR, 7, "NeuronRegistered", "u16, u16, AccountId32")                \
	X(AXON_SERVED, SUBTENSOR, 29, "AxonServed", "u16, AccountId32")                                \
	X(WEIGHTS_COMMITTED, SUBTENSOR, 86, "WeightsCommitted", "AccountId32, u16, H256")              \
	X(WEIGHTS_REVEALED, SUBTENSOR, 87, "WeightsRevealed", "AccountId32, u16, H256")                \
	X(BATCH_REVEALED, SUBTENSOR, 88, "WeightsBatchRevealed", "AccountId32, u16, Vec<H256>")        \
	X(BATCH_COMPLETED, SUBTENSOR, 89, "BatchWeightsCompleted", "Vec<Compact<u16>>, AccountId32")   \
	X(BATCH_WITH_ERRORS, SUBTENSOR, 90, "BatchCompletedWithErrors", "")                            \
	X(BATCH_ITEM_FAILED, SUBTENSOR, 91, "BatchWeightItemFailed", "DispatchError")                  \
	X(TIMELOCK_COMMITTED, SUBTENSOR, 108, "TimelockedWeightsCommitted",                            \
	  "AccountId32, u16, H256, u64")                                                               \
	X(TIMELOCK_REVEALED, SUBTENSOR, 109, "TimelockedWeightsRevealed", "u16, AccountId32")

typedef enum {
#define LNET_EVENTS_ENUM(id, ...) LNET_EV_##id,
	LNET_EVENTS(LNET_EVENTS_ENUM)
#undef LNET_EVENTS_ENUM
		LNET_EV_N
} lnet_event;

/* Errors of SubtensorModule in order of their number, which is the position. */
/* clang-format off */
#define LNET_ERRORS(X) \
	X(RootNetworkDoesNotExist) X(InvalidIpType) X(InvalidIpAddress) X(InvalidPort) \
	X(HotKeyNotRegisteredInSubNet) X(HotKeyAccountNotExists) X(HotKeyNotRegisteredInNetwork) \
	X(NonAssociatedColdKey) X(NotEnoughStake) X(NotEnoughStakeToWithdraw) \
	X(NotEnoughStakeToSetWeights) X(NotEnoughStakeToSetChildkeys) X(NotEnoughBalanceToStake) \
	X(BalanceWithdrawalError) X(ZeroBalanceAfterWithdrawn) X(NeuronNoValidatorPermit) \
	X(WeightVecNotEqualSize) X(DuplicateUids) X(UidVecContainInvalidOne) X(WeightVecLengthIsLow) \
	X(TooManyRegistrationsThisBlock) X(HotKeyAlreadyRegisteredInSubNet) \
	X(NewHotKeyIsSameWithOld) X(NewHotKeyNotCleanForRootSwap) X(InvalidWorkBlock) \
	X(InvalidDifficulty) X(InvalidSeal) X(MaxWeightExceeded) X(HotKeyAlreadyDelegate) \
	X(SettingWeightsTooFast) X(IncorrectWeightVersionKey) X(ServingRateLimitExceeded) \
	X(UidsLengthExceedUidsInSubNet) X(NetworkTxRateLimitExceeded) X(DelegateTxRateLimitExceeded) \
	X(HotKeySetTxRateLimitExceeded) X(StakingRateLimitExceeded) X(SubNetRegistrationDisabled) \
	X(TooManyRegistrationsThisInterval) X(TransactorAccountShouldBeHotKey) X(FaucetDisabled) \
	X(NotSubnetOwner) X(RegistrationNotPermittedOnRootSubnet) X(StakeTooLowForRoot) \
	X(AllNetworksInImmunity) X(NotEnoughBalanceToPaySwapHotKey) X(NotRootSubnet) \
	X(CanNotSetRootNetworkWeights) X(NoNeuronIdAvailable) X(DelegateTakeTooLow) \
	X(DelegateTakeTooHigh) X(NoWeightsCommitFound) X(InvalidRevealCommitHashNotMatch) \
	X(CommitRevealEnabled) X(CommitRevealDisabled) X(LiquidAlphaDisabled) X(AlphaHighTooLow) \
	X(AlphaLowOutOfRange) X(ColdKeyAlreadyAssociated) X(NotEnoughBalanceToPaySwapColdKey) \
	X(InvalidChild) X(DuplicateChild) X(ProportionOverflow) X(TooManyChildren) \
	X(TxRateLimitExceeded) X(ColdkeySwapAnnouncementNotFound) X(ColdkeySwapTooEarly) \
	X(ColdkeySwapReannouncedTooEarly) X(AnnouncedColdkeyHashDoesNotMatch) \
	X(ColdkeySwapAlreadyDisputed) X(NewColdKeyIsHotkey) X(InvalidChildkeyTake) \
	X(TxChildkeyTakeRateLimitExceeded) X(InvalidIdentity) X(MechanismDoesNotExist) \
	X(StakeUnavailable) X(SubnetNotExists) X(TooManyUnrevealedCommits) X(ExpiredWeightCommit) \
	X(RevealTooEarly) X(InputLengthsUnequal) X(CommittingWeightsTooFast) X(AmountTooLow) \
	X(InsufficientLiquidity) X(SlippageTooHigh) X(TransferDisallowed) X(ActivityCutoffTooLow) \
	X(CallDisabled) X(FirstEmissionBlockNumberAlreadySet) X(NeedWaitingMoreBlocksToStarCall) \
	X(NotEnoughAlphaOutToRecycle) X(CannotBurnOrRecycleOnRootSubnet) X(UnableToRecoverPublicKey) \
	X(InvalidRecoveredPublicKey) X(SubtokenDisabled) X(HotKeySwapOnSubnetIntervalNotPassed) \
	X(KeepStakeBlockedByCollateral) X(SameNetuid) X(InsufficientTaoBalance) \
	X(InvalidLeaseBeneficiary) X(LeaseCannotEndInThePast) X(LeaseNetuidNotFound) \
	X(LeaseDoesNotExist) X(LeaseHasNoEndBlock) X(LeaseHasNotEnded) X(Overflow) \
	X(BeneficiaryDoesNotOwnHotkey) X(ExpectedBeneficiaryOrigin) \
	X(AdminActionProhibitedDuringWeightsWindow) X(SymbolDoesNotExist) X(SymbolAlreadyInUse) \
	X(IncorrectCommitRevealVersion) X(InvalidRevealRound) X(RevealPeriodTooLarge) \
	X(RevealPeriodTooSmall) X(InvalidValue) X(SubnetLimitReached) X(CannotAffordLockCost) \
	X(EvmKeyAssociateRateLimitExceeded) X(EvmKeyAssociationLimitExceeded) \
	X(SameAutoStakeHotkeyAlreadySet) X(UidMapCouldNotBeCleared) \
	X(TrimmingWouldExceedMaxImmunePercentage) X(ChildParentInconsistency) \
	X(InvalidRootClaimThreshold) X(TooManyUIDsPerMechanism) X(VotingPowerTrackingNotEnabled) \
	X(InvalidVotingPowerEmaAlpha) X(Deprecated) X(SubnetBuybackRateLimitExceeded) \
	X(NetworkDissolveAlreadyQueued) X(AddStakeBurnRateLimitExceeded) X(ColdkeySwapAnnounced) \
	X(ColdkeySwapDisputed) X(ColdkeySwapClearTooEarly) X(DisabledTemporarily) \
	X(RegistrationPriceLimitExceeded) X(LockHotkeyMismatch) X(InsufficientStakeForLock) \
	X(NoExistingLock) X(ActiveLockExists) X(CannotUseSystemAccount) X(UnlockAmountTooHigh) \
	X(WaitingForDissolvedSubnetCleanup) X(TempoOutOfBounds) \
	X(ActivityCutoffFactorMilliOutOfBounds) X(EpochTriggerAlreadyPending) \
	X(AutoEpochAlreadyImminent) X(DynamicTempoBlockedByCommitReveal) \
	X(AccountRejectsLockedAlpha) X(LockIdOverFlow) X(StartCallNotReady) \
	X(InsufficientAlphaBalance) X(ColdkeyCollateralIncomplete) X(ColdkeyCollateralPositionsFull) \
	X(BasketHasNoWeights) X(RootStakeLocked) X(BetaBasketSeedInProgress) \
	X(RootWeightSettingDisabled) X(RootClaimTooHeavy) X(RootWeightCapExceeded) \
	X(BasketDepositPending) X(InvalidBatchLength) X(TooManyStakingHotkeys) \
	X(ColdkeySwapTooHeavy) X(BasketConcentrationCapExceeded) X(BasketTradingDisabled) \
	X(BasketTradingFrozen) X(BasketTurnoverBudgetExceeded) X(BasketSameSubnet) \
	X(BasketLiquidityCapExceeded) X(BasketMinOutNotMet) X(BasketSwapBatchEmpty) \
	X(CommitPayloadTooLarge) X(CommitQueueFull)
/* clang-format on */

typedef enum {
#define LNET_ERRORS_ENUM(name) LNET_E_##name,
	LNET_ERRORS(LNET_ERRORS_ENUM)
#undef LNET_ERRORS_ENUM
		LNET_E_N
} lnet_error;

/* ---- the rows ---- */

typedef struct {
	const char *name;
	uint8_t index;
} lnet_pallet_row;
typedef struct {
	uint8_t pallet;
	char modifier;
	const char *name, *hashers, *keys, *value, *fallback; /* fallback: hex of the default */
} lnet_storage_row;
typedef struct {
	uint8_t pallet, index;
	const char *name, *fields;
} lnet_variant_row; /* a call or an event */
typedef struct {
	uint8_t pallet;
	const char *name, *type, *hex;
} lnet_constant_row;
/* A named type: {..} body is a struct, <..> an enum. params are type parameters. */
typedef struct {
	const char *name, *path, *params, *body;
} lnet_type_row;
typedef struct {
	const char *name, *extra, *additional;
} lnet_extension_row;

extern const lnet_pallet_row asy_lnet_pallets[];
extern const size_t asy_lnet_pallets_n;
extern const lnet_storage_row asy_lnet_storage[LNET_S_N];
extern const lnet_variant_row asy_lnet_calls[LNET_C_N];
extern const lnet_variant_row asy_lnet_events[LNET_EV_N];
extern const char *const asy_lnet_errors[LNET_E_N];
extern const char *const asy_lnet_system_errors[];
extern const size_t asy_lnet_system_errors_n;
extern const lnet_constant_row asy_lnet_constants[];
extern const size_t asy_lnet_constants_n;
extern const lnet_type_row asy_lnet_types[];
extern const size_t asy_lnet_types_n;
extern const lnet_extension_row asy_lnet_extensions[];
extern const size_t asy_lnet_extensions_n;

/* Runtime APIs as the version announces them: eight bytes of the name's hash. */
typedef struct {
	uint8_t id[8];
	uint32_t version;
} lnet_api_row;
extern const lnet_api_row asy_lnet_apis[];
extern const size_t asy_lnet_apis_n;

/* ---- generations (generation.c) ---- */

enum { LNET_EVENT_INSERTED = 6 };
/* A runtime as differences from the rows above. */
typedef struct lnet_generation {
	uint32_t spec;
	bool liquid_mode; /* liquid alpha's modes, suspension, the clock's safety net by tempo */
	bool null_mode;   /* Null consensus, the last step of Yuma */
	bool pool_guards; /* the pool turns away what would fail for a reason that it knows */
	const char *const *errors; /* names from number 96 on; NULL: as in LNET_ERRORS */
	size_t errors_n;
	uint8_t events_before; /* by so much the numbers after LNET_EVENT_INSERTED are lower */
} lnet_generation;
/* NULL: no such generation is known. */
const lnet_generation *asy_lnet_generation(uint64_t spec);
bool asy_lnet_generation_has(const lnet_generation *g, lnet_item item);
size_t asy_lnet_generation_errors(const lnet_generation *g);
const char *asy_lnet_error_name(const lnet_generation *g, size_t number);
uint8_t asy_lnet_error_number(const lnet_generation *g, int error);
uint8_t asy_lnet_event_number(const lnet_generation *g, const lnet_variant_row *event);

/* ---- made from the rows (metadata_out.c) ---- */

/* V14 metadata, "meta" and version byte included. */
assay_status asy_lnet_metadata_encode(const lnet_generation *g, asy_buf *out,
									  assay_err *err) ASSAY_CHECKED;
/* RuntimeVersion as Core_version answers it and System.Version holds it. */
assay_status asy_lnet_version_encode(const lnet_generation *g, asy_buf *out,
									 assay_err *err) ASSAY_CHECKED;
#endif
