/* Tables: the rows themselves, spread out of the lists in tables.h, and the named
 * types that the rows mention. Facts only; no code.
 * Reason to change: as tables.h. */
#include "localnet/tables.h"

const lnet_pallet_row asy_lnet_pallets[] = {{"System", LNET_SYSTEM},
											{"Timestamp", LNET_TIMESTAMP},
											{"SubtensorModule", LNET_SUBTENSOR},
											{"Drand", LNET_DRAND}};
const size_t asy_lnet_pallets_n = ASY_COUNT(asy_lnet_pallets);

#define STORAGE_ROW(id, pallet, name, modifier, hashers, keys, value, fallback)                    \
	[LNET_S_##id] = {LNET_##pallet, modifier, name, hashers, keys, value, fallback},
const lnet_storage_row asy_lnet_storage[LNET_S_N] = {LNET_STORAGE(STORAGE_ROW)};

#define CALL_ROW(id, pallet, index, name, fields)                                                  \
	[LNET_C_##id] = {LNET_##pallet, index, name, fields},
const lnet_variant_row asy_lnet_calls[LNET_C_N] = {LNET_CALLS(CALL_ROW)};

#define EVENT_ROW(id, pallet, index, name, fields)                                                 \
	[LNET_EV_##id] = {LNET_##pallet, index, name, fields},
const lnet_variant_row asy_lnet_events[LNET_EV_N] = {LNET_EVENTS(EVENT_ROW)};

#define ERROR_ROW(name) [LNET_E_##name] = #name,
const char *const asy_lnet_errors[LNET_E_N] = {LNET_ERRORS(ERROR_ROW)};

const char *const asy_lnet_system_errors[] = {"InvalidSpecName",
											  "SpecVersionNeedsToIncrease",
											  "FailedToExtractRuntimeVersion",
											  "NonDefaultComposite",
											  "NonZeroRefCount",
											  "CallFiltered",
											  "MultiBlockMigrationsOngoing",
											  "NothingAuthorized",
											  "Unauthorized"};
const size_t asy_lnet_system_errors_n = ASY_COUNT(asy_lnet_system_errors);

/* System.Version is not here: it is encoded from the version numbers. */
const lnet_constant_row asy_lnet_constants[] = {
	{LNET_SYSTEM, "BlockHashCount", "u32", "60090000"},
	{LNET_SYSTEM, "SS58Prefix", "u16", "2a00"},
	{LNET_TIMESTAMP, "MinimumPeriod", "u64", "7d00000000000000"},
	{LNET_SUBTENSOR, "InitialKappa", "u16", "ff7f"},
	{LNET_SUBTENSOR, "InitialBondsMovingAverage", "u64", "a0bb0d0000000000"},
	{LNET_SUBTENSOR, "InitialBondsPenalty", "u16", "ffff"},
	{LNET_SUBTENSOR, "InitialTaoWeight", "u64", "fc62e03efa3c7c0d"},
};
const size_t asy_lnet_constants_n = ASY_COUNT(asy_lnet_constants);

/* Paths are the runtime's own: clients recognise some types by them. */
const lnet_type_row asy_lnet_types[] = {
	{"AccountId32", "sp_core::crypto::AccountId32", "", "{[u8; 32]}"},
	{"H256", "primitive_types::H256", "", "{[u8; 32]}"},
	{"AccountInfo", "frame_system::AccountInfo", "Nonce: u32, AccountData: AccountData",
	 "{nonce: u32, consumers: u32, providers: u32, sufficients: u32, data: AccountData}"},
	{"AccountData", "pallet_balances::types::AccountData", "Balance: u64",
	 "{free: u64, reserved: u64, frozen: u64, flags: ExtraFlags}"},
	{"ExtraFlags", "pallet_balances::types::ExtraFlags", "", "{u128}"},
	{"Weight", "sp_weights::weight_v2::Weight", "",
	 "{ref_time: Compact<u64>, proof_size: Compact<u64>}"},
	{"DispatchClass", "frame_support::dispatch::DispatchClass", "",
	 "<0:Normal|1:Operational|2:Mandatory>"},
	{"Pays", "frame_support::dispatch::Pays", "", "<0:Yes|1:No>"},
	{"DispatchEventInfo", "frame_system::DispatchEventInfo", "",
	 "{weight: Weight, class: DispatchClass, pays_fee: Pays}"},
	{"ModuleError", "sp_runtime::ModuleError", "", "{index: u8, error: [u8; 4]}"},
	{"TokenError", "sp_runtime::TokenError", "",
	 "<0:FundsUnavailable|1:OnlyProvider|2:BelowMinimum|3:CannotCreate|4:UnknownAsset|5:Frozen|"
	 "6:Unsupported|7:CannotCreateHold|8:NotExpendable|9:Blocked>"},
	{"ArithmeticError", "sp_arithmetic::ArithmeticError", "",
	 "<0:Underflow|1:Overflow|2:DivisionByZero>"},
	{"TransactionalError", "sp_runtime::TransactionalError", "", "<0:LimitReached|1:NoLayer>"},
	{"TrieError", "sp_runtime::proving_trie::TrieError", "",
	 "<0:InvalidStateRoot|1:IncompleteDatabase|2:ValueAtIncompleteKey|3:DecoderError|"
	 "4:InvalidHash|5:DuplicateKey|6:ExtraneousNode|7:ExtraneousValue|8:ExtraneousHashReference|"
	 "9:InvalidChildReference|10:ValueMismatch|11:IncompleteProof|12:RootMismatch|"
	 "13:DecodeError>"},
	{"DispatchError", "sp_runtime::DispatchError", "",
	 "<0:Other|1:CannotLookup|2:BadOrigin|3:Module(ModuleError)|4:ConsumerRemaining|"
	 "5:NoProviders|6:TooManyConsumers|7:Token(TokenError)|8:Arithmetic(ArithmeticError)|"
	 "9:Transactional(TransactionalError)|10:Exhausted|11:Corruption|12:Unavailable|"
	 "13:RootNotAllowed|14:Trie(TrieError)>"},
	{"Phase", "frame_system::Phase", "", "<0:ApplyExtrinsic(u32)|1:Finalization|2:Initialization>"},
	{"EventRecord", "frame_system::EventRecord", "E: RuntimeEvent, T: H256",
	 "{phase: Phase, event: RuntimeEvent, topics: Vec<H256>}"},
	{"AxonInfo", "pallet_subtensor::pallet::AxonInfo", "",
	 "{block: u64, version: u32, ip: u128, port: u16, ip_type: u8, protocol: u8, "
	 "placeholder1: u8, placeholder2: u8}"},
	{"BoundedVec", "bounded_collections::bounded_vec::BoundedVec", "T: u8, S", "{Vec<u8>}"},
	{"Pulse", "pallet_drand::types::Pulse", "",
	 "{round: u64, randomness: BoundedVec, signature: BoundedVec}"},
	{"BeaconConfiguration", "pallet_drand::types::BeaconConfiguration", "",
	 "{public_key: BoundedVec, period: u32, genesis_time: u32, hash: BoundedVec, "
	 "group_hash: BoundedVec, scheme_id: BoundedVec, metadata: BeaconMetadata}"},
	{"BeaconMetadata", "pallet_drand::types::Metadata", "", "{beacon_id: BoundedVec}"},
	{"RuntimeVersion", "sp_version::RuntimeVersion", "",
	 "{spec_name: CowStr, impl_name: CowStr, authoring_version: u32, spec_version: u32, "
	 "impl_version: u32, apis: CowApis, transaction_version: u32, system_version: u8}"},
	{"CowStr", "Cow", "T: str", "{str}"},
	{"CowApis", "Cow", "T: Vec<([u8; 8], u32)>", "{Vec<([u8; 8], u32)>}"},
	{"MultiAddress", "sp_runtime::multiaddress::MultiAddress",
	 "AccountId: AccountId32, AccountIndex: ()",
	 "<0:Id(AccountId32)|1:Index(Compact<()>)|2:Raw(Vec<u8>)|3:Address32([u8; 32])|"
	 "4:Address20([u8; 20])>"},
	{"MultiSignature", "sp_runtime::MultiSignature", "",
	 "<0:Ed25519([u8; 64])|1:Sr25519([u8; 64])|2:Ecdsa([u8; 65])>"},
	{"CheckNonZeroSender", "frame_system::extensions::check_non_zero_sender::CheckNonZeroSender",
	 "T", "{}"},
	{"CheckSpecVersion", "frame_system::extensions::check_spec_version::CheckSpecVersion", "T",
	 "{}"},
	{"CheckTxVersion", "frame_system::extensions::check_tx_version::CheckTxVersion", "T", "{}"},
	{"CheckGenesis", "frame_system::extensions::check_genesis::CheckGenesis", "T", "{}"},
	{"CheckMortality", "frame_system::extensions::check_mortality::CheckMortality", "T", "{Era}"},
	{"CheckNonce", "node_subtensor_runtime::check_nonce::CheckNonce", "T", "{Compact<u32>}"},
	{"CheckWeight", "frame_system::extensions::check_weight::CheckWeight", "T", "{}"},
	{"ChargeTransactionPayment", "pallet_transaction_payment::ChargeTransactionPayment", "T",
	 "{Compact<u64>}"},
	{"SudoTransactionExtension", "node_subtensor_runtime::sudo_wrapper::SudoTransactionExtension",
	 "", "{}"},
	{"CheckShieldedTxValidity", "pallet_shield::extension::CheckShieldedTxValidity", "", "{}"},
	{"SubtensorTransactionExtension",
	 "pallet_subtensor::transaction_extension::SubtensorTransactionExtension", "T: Runtime", "{}"},
	{"DrandPriority", "pallet_drand::drand_priority::DrandPriority", "T: Runtime", "{}"},
	{"CheckMetadataHash", "frame_metadata_hash_extension::CheckMetadataHash", "T", "{mode: Mode}"},
	{"Mode", "frame_metadata_hash_extension::Mode", "", "<0:Disabled|1:Enabled>"},
	{"Runtime", "node_subtensor_runtime::Runtime", "", "{}"},
	{"UncheckedExtrinsic", "sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic",
	 "Address: MultiAddress, Call: RuntimeCall, Signature: MultiSignature, Extra: "
	 "(CheckNonZeroSender, CheckSpecVersion, CheckTxVersion, CheckGenesis, CheckMortality, "
	 "CheckNonce, CheckWeight, ChargeTransactionPayment, SudoTransactionExtension, "
	 "CheckShieldedTxValidity, SubtensorTransactionExtension, DrandPriority, CheckMetadataHash)",
	 "{Vec<u8>}"},
};
const size_t asy_lnet_types_n = ASY_COUNT(asy_lnet_types);

/* In the order in which they stand in an extrinsic and in its payload. */
const lnet_extension_row asy_lnet_extensions[] = {
	{"CheckNonZeroSender", "CheckNonZeroSender", "()"},
	{"CheckSpecVersion", "CheckSpecVersion", "u32"},
	{"CheckTxVersion", "CheckTxVersion", "u32"},
	{"CheckGenesis", "CheckGenesis", "H256"},
	{"CheckMortality", "CheckMortality", "H256"},
	{"CheckNonce", "CheckNonce", "()"},
	{"CheckWeight", "CheckWeight", "()"},
	{"ChargeTransactionPayment", "ChargeTransactionPayment", "()"},
	{"SudoTransactionExtension", "SudoTransactionExtension", "()"},
	{"CheckShieldedTxValidity", "CheckShieldedTxValidity", "()"},
	{"SubtensorTransactionExtension", "SubtensorTransactionExtension", "()"},
	{"DrandPriority", "DrandPriority", "()"},
	{"CheckMetadataHash", "CheckMetadataHash", "Option<[u8; 32]>"},
};
const size_t asy_lnet_extensions_n = ASY_COUNT(asy_lnet_extensions);

/* Core, Metadata, AccountNonce. */
const lnet_api_row asy_lnet_apis[] = {
	{{0xdf, 0x6a, 0xcb, 0x68, 0x99, 0x07, 0x60, 0x9b}, 5},
	{{0x37, 0xe3, 0x97, 0xfc, 0x7c, 0x91, 0xf5, 0xe4}, 2},
	{{0xbc, 0x9d, 0x89, 0x90, 0x4f, 0x5b, 0x92, 0x3f}, 1},
};
const size_t asy_lnet_apis_n = ASY_COUNT(asy_lnet_apis);
