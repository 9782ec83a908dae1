/* Every option of the daemon: name, type, default, range, unit and one sentence. The
 * parser, `assay config explain`, the man page and the JSON Schema all read this table,
 * so an option cannot exist without its documentation. */
#include <stddef.h>
#include "config/impl.h"

#define AT(field) .offset = offsetof(asy_options, field), .width = sizeof(((asy_options *)0)->field)
#define UINT(lo, hi) .type = OPT_UINT, .least = (lo), .most = (hi)
#define REAL(lo, hi) .type = OPT_REAL, .least_d = (lo), .most_d = (hi)
#define TEXT(lo, hi) .type = OPT_STRING, .least = (lo), .most = (hi)
#define LIST(kind, lo, hi) .type = (kind), .least = (lo), .most = (hi)
#define BOOL .type = OPT_BOOL
#define ENUM(list) .type = OPT_ENUM, .names = (list)

static const char *const isolation[] = {"worker", "none", NULL};
/* In the order of the bits ASSAY_NEED_* in assay/plugin.h. */
static const char *const needs[] = {"whole_batch", "state", "identity", "cache", "inexact", NULL};
/* Those of core/miner/dialect.c; a test compares. */
static const char *const dialect[] = {"btauth1", NULL};
static const char *const form[] = {"hold", "decay", NULL};
static const char *const missing[] = {"keep", "unasked", "fail", NULL};
static const char *const profile[] = {"v11", "v10", "fiber", NULL};
static const char *const policy[] = {"refuse", "uniform", "previous", "owner", NULL};
static const char *const scheme[] = {"auto", "hash", "timelock", NULL};
static const char *const on_foreign[] = {"hold", "exit", "warn", NULL};
static const char *const level[] = {"debug", "info", "unusual", "broken", NULL};
static const char *const format[] = {"text", "json", NULL};
static const char *const cpu[] = {"auto", "scalar", "avx2", "neon", "avx512", NULL};

/* One group after the other; a group's options stay together. */
const opt asy_config_table[] = {
	{"development", "",
	 "Allow what only a test needs: development keys, plugins in this process, "
	 "plain HTTP to a chain node elsewhere.",
	 "false", AT(development), BOOL},
	{"netuid", "", "The subnet to validate.", NULL, AT(netuid), UINT(1, 4095), .required = true},
	{"mecid", "", "The mechanism of the subnet.", "0", AT(mecid), UINT(0, 15)},
	{"data_dir", "", "Directory of the daemon's database; one daemon at a time.", NULL,
	 AT(data_dir), TEXT(1, 4000), .required = true},
	{"worker_path", "", "The assay-worker program; default: beside the daemon's own file.", NULL,
	 AT(worker_path), TEXT(1, 4000)},
	{"cpu", "", "Instruction set of the numeric kernels; every choice gives the same bits.", "auto",
	 AT(cpu), .type = OPT_STRING, .names = cpu, .least = 1, .most = 16},

	{"chain.endpoints", "",
	 "Addresses of chain nodes (http, https, ws, wss), the preferred one first.", NULL,
	 AT(chain.endpoints), LIST(OPT_STRINGS, 1, 16), .required = true},
	{"chain.deadline_ms", "ms",
	 "Time limit of one question to the chain, with all its requests and endpoints.", "30000",
	 AT(chain.deadline_ms), UINT(100, 600000)},

	{"chain.beacon", "",
	 "Public key of the drand beacon that the chain waits for, 192 hex digits; default: drand's "
	 "quicknet, which is what public chains use.",
	 NULL, AT(chain.beacon), TEXT(192, 194)},
	{"chain.ca_file", "",
	 "Certificates (PEM) of authorities that endpoints by https:// and wss:// may have theirs "
	 "from, "
	 "beside those of the system: for a node of your own.",
	 NULL, AT(chain.ca_file), TEXT(1, 4000)},

	{"wallet.hotkey", "",
	 "Path of the hotkey's key file; with wallet.name or wallet.path: the hotkey's name.", NULL,
	 AT(wallet.hotkey), TEXT(1, 4000)},
	{"wallet.name", "", "Wallet whose hotkey is used: WALLET.PATH/NAME/hotkeys/HOTKEY.", NULL,
	 AT(wallet.name), TEXT(1, 200)},
	{"wallet.path", "", "Folder of wallets; ~/.bittensor/wallets where only wallet.name is set.",
	 NULL, AT(wallet.path), TEXT(1, 4000)},
	{"wallet.dev_uri", "", "A public development key such as //Alice; needs development.", NULL,
	 AT(wallet.dev_uri), TEXT(2, 200)},

	{"plugin.path", "", "The reward model: a plugin file.", NULL, AT(plugin.path), TEXT(1, 4000),
	 .required = true},
	{"plugin.config", "", "The plugin's own configuration, checked against its schema.", "{}",
	 AT(plugin.config), .type = OPT_JSON},
	{"plugin.isolation", "", "Where the plugin runs: a worker process, or (none) in this one.",
	 "worker", AT(plugin.isolation), ENUM(isolation)},
	{"plugin.needs_granted", "", "What the plugin may ask for beyond one row at a time.",
	 "whole_batch", AT(plugin.needs_granted), .type = OPT_FLAGS, .names = needs},
	{"plugin.soft_ms", "ms", "After this a batch is asked to stop and give what it has.", "20000",
	 AT(plugin.soft_ms), UINT(10, 3600000)},
	{"plugin.stall_ms", "ms", "A worker without progress for this long is ended.", "15000",
	 AT(plugin.stall_ms), UINT(10, 3600000)},
	{"plugin.hard_ms", "ms", "After this a batch's worker is ended in any case.", "30000",
	 AT(plugin.hard_ms), UINT(10, 3600000)},
	{"plugin.shadow_rounds", "",
	 "How many of the last rounds another plugin scores once more, on a reload, before it takes "
	 "over; one that dies of them does not.",
	 "3", AT(plugin.shadow_rounds), UINT(0, 100)},
	{"plugin.memory_mib", "MiB", "What a worker may use, without what it shares with the daemon.",
	 "2048", AT(plugin.memory_mib), UINT(64, 1048576)},
	{"plugin.trusted_keys", "",
	 "Public keys of minisign: the plugin must be signed by one of them. None: any file is loaded.",
	 "", AT(plugin.trusted_keys), LIST(OPT_STRINGS, 0, 16)},
	{"plugin.allow_unfiltered", "",
	 "Start the plugin even where its system calls cannot be filtered: it can then do what the "
	 "daemon's user can.",
	 "false", AT(plugin.allow_unfiltered), BOOL},

	{"dataset.path", "", "Challenges as JSON Lines; not needed where the plugin makes its own.",
	 NULL, AT(dataset.path), TEXT(1, 4000)},

	{"query.route", "", "Request target of a query, from the slash on.", "/", AT(query.route),
	 TEXT(1, 512)},
	{"query.dialect", "", "How requests are signed and framed.", "btauth1", AT(query.dialect),
	 .type = OPT_STRING, .names = dialect, .least = 1, .most = 32},
	{"query.deadline_ms", "ms", "Time limit of one query, from connecting to the last byte.",
	 "12000", AT(query.deadline_ms), UINT(50, 600000)},
	{"query.connect_timeout_ms", "ms", "Time limit of connecting.", "4000",
	 AT(query.connect_timeout_ms), UINT(10, 600000)},
	{"query.max_response_bytes", "bytes", "A longer answer, unpacked, is cut off and classified.",
	 "1048576", AT(query.max_response_bytes), UINT(1024, 268435456)},
	{"query.max_round_bytes", "bytes",
	 "Limit on all answers of a round; each miner has an even share, and more where there is room.",
	 "268435456", AT(query.max_round_bytes), UINT(1024, 402653184)},
	{"query.concurrency", "", "Queries in flight at once.", "256", AT(query.concurrency),
	 UINT(1, 4096)},
	{"query.per_host", "", "Queries in flight at once to one address.", "8", AT(query.per_host),
	 UINT(1, 4096)},
	{"query.sample", "", "Miners asked per round; 0 means all.", "0", AT(query.sample),
	 UINT(0, 32768)},
	{"query.allow_private", "", "Query private and loopback addresses too.", "false",
	 AT(query.allow_private), BOOL},

	{"round.challenges_per_round", "", "Challenges each miner gets in a round.", "1",
	 AT(round.challenges_per_round), UINT(1, 1024)},
	{"round.period_ms", "ms", "Target time from the start of a round to the next.", "30000",
	 AT(round.period_ms), UINT(0, 86400000)},

	{"tracker.form", "", "Whether a miner that was not asked keeps its score or decays.", "hold",
	 AT(tracker.form), ENUM(form)},
	{"tracker.missing", "", "What an answer that nobody could judge does to the score.", "keep",
	 AT(tracker.missing), ENUM(missing)},
	{"tracker.half_life_s", "s", "Age at which an observation counts half; 0 uses tracker.alpha.",
	 "7200", AT(tracker.half_life_s), REAL(0, 31536000)},
	{"tracker.alpha", "", "Weight of a new observation when there is no half-life.", "0.1",
	 AT(tracker.alpha), REAL(1e-9, 1)},
	{"tracker.alpha_down", "", "The same for observations below the score; 0 means tracker.alpha.",
	 "0", AT(tracker.alpha_down), REAL(0, 1)},
	{"tracker.stale_after_s", "s",
	 "Without an observation for this long a score is stale; "
	 "0 means never.",
	 "86400", AT(tracker.stale_after_s), REAL(0, 31536000)},
	{"tracker.min_observations", "", "A miner with fewer observations gets no weight.", "1",
	 AT(tracker.min_observations), UINT(0, 1000000)},

	{"weights.profile", "", "Arithmetic from scores to integers.", "v11", AT(weights.profile),
	 ENUM(profile)},
	{"weights.policy", "", "What to do instead of refusing a row that rests on nothing.", "refuse",
	 AT(weights.policy), ENUM(policy)},
	{"weights.guarded", "", "Repair rows that rounding pushed over the chain's cap.", "true",
	 AT(weights.guarded), BOOL},
	{"weights.stale_counts", "", "A stale score still gets weight.", "false",
	 AT(weights.stale_counts), BOOL},
	{"weights.min_count", "", "Fewer positive scores than this refuse the row.", "1",
	 AT(weights.min_count), UINT(1, 32768)},
	{"weights.max_count", "", "Only this many of the best get weight; 0 means all.", "0",
	 AT(weights.max_count), UINT(0, 32768)},
	{"weights.power", "", "Exponent on the shares; above 1 favours the best.", "1",
	 AT(weights.power), REAL(0.01, 100)},
	{"weights.floor", "", "A share below this is dropped.", "0", AT(weights.floor), REAL(0, 1)},
	{"weights.max_weight", "", "Cap on one share, besides the chain's own.", "1",
	 AT(weights.max_weight), REAL(1e-5, 1)},
	{"weights.max_dropped", "", "Refuse when a larger part of the previous row vanishes.", "0.5",
	 AT(weights.max_dropped), REAL(0, 1)},
	{"weights.reserve_share", "", "Part of the total that goes to weights.reserve_uid.", "0",
	 AT(weights.reserve_share), REAL(0, 1)},
	{"weights.reserve_uid", "", "Uid that gets the reserved part.", "0", AT(weights.reserve_uid),
	 UINT(0, 65535)},
	{"weights.owner_uid", "", "Uid that gets everything under weights.policy owner.", "0",
	 AT(weights.owner_uid), UINT(0, 65535)},
	{"weights.exclusions", "", "Uids that get no weight.", "", AT(weights.exclusions),
	 LIST(OPT_U16S, 0, 4096)},
	{"weights.version_key", "",
	 "Version key sent with the weights; 0 sends the one the subnet asks for.", "0",
	 AT(weights.version_key), UINT(0, UINT64_MAX)},

	{"submit.lead_blocks", "blocks", "Blocks before the end of the epoch at which the row is sent.",
	 "15", AT(submit.lead_blocks), UINT(1, 50400)},
	{"submit.jitter_blocks", "blocks",
	 "Random addition to submit.lead_blocks, different in each epoch.", "4",
	 AT(submit.jitter_blocks), UINT(0, 50400)},

	{"submit.scheme", "",
	 "How a row is sealed where the subnet wants commitments; auto takes what the chain opens "
	 "itself, where chain, version and beacon are known, else a hash.",
	 "auto", AT(submit.scheme), ENUM(scheme)},
	{"submit.on_foreign", "",
	 "What happens when another validator sets weights with our hotkey: hold seals nothing until "
	 "it "
	 "has been silent for a tempo, exit sees open rows through and ends, warn goes on.",
	 "hold", AT(submit.on_foreign), ENUM(on_foreign)},
	{"submit.watch", "",
	 "Seal nothing until a tempo after the newest row of our hotkey that this data directory did "
	 "not "
	 "make: another validator may be at work.",
	 "true", AT(submit.watch), BOOL},

	{"store.keep_rounds", "", "Finished rounds whose records are kept whole; 0 means no bound.",
	 "2000", AT(store.keep_rounds), UINT(0, 1000000000)},
	{"store.keep_bytes", "bytes", "Bytes of finished rounds that are kept; 0 means no bound.",
	 "4294967296", AT(store.keep_bytes), UINT(0, UINT64_C(1) << 50)},

	{"log.level", "", "Lowest level that is written.", "info", AT(log.level), ENUM(level)},
	{"log.format", "", "Lines for people, or one JSON object per line.", "text", AT(log.format),
	 ENUM(format)},
};
const size_t asy_config_table_n = ASY_COUNT(asy_config_table);

const opt *asy_config_find(const char *path)
{
	for (size_t i = 0; i < asy_config_table_n; i++) {
		if (strcmp(asy_config_table[i].path, path) == 0)
			return &asy_config_table[i];
	}
	return NULL;
}

size_t asy_config_index(const opt *o)
{
	return (size_t)(o - asy_config_table);
}

const char *asy_config_option(size_t i)
{
	return i < asy_config_table_n ? asy_config_table[i].path : NULL;
}
