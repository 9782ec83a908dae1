/* The table of faults, and when a whole round is not believed. It decides from counts and
 * classes alone: no clock, no log, no state but the credit that its caller keeps.
 * Every switch names all values: a new outcome without a row does not compile. */
#include "round/fault.h"

/* ---- the table ---- */

asy_consequence asy_fault_of(asy_ending e)
{
	switch (e) {
	case ASY_END_JUDGED:
		return (asy_consequence){ASY_BLAME_MINER, ASY_MEMORY_SCORE, ASY_BREAKER_LIFE};
	case ASY_END_POISON:
	case ASY_END_REFUSED:
	case ASY_END_MALFORMED:
	case ASY_END_TOO_LARGE:
		return (asy_consequence){ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_LIFE};
	case ASY_END_GARBLED:
	case ASY_END_LATE:
	case ASY_END_UNREACHABLE:
		return (asy_consequence){ASY_BLAME_MINER, ASY_MEMORY_FAILED, ASY_BREAKER_FAILURE};
	case ASY_END_ALIKE:
	case ASY_END_LAG:
	case ASY_END_NO_ROOM:
	case ASY_END_NO_SOCKET:
	case ASY_END_OURS:
		return (asy_consequence){ASY_BLAME_OURS, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING};
	case ASY_END_ABSTAINED:
	case ASY_END_INVALID:
	case ASY_END_PLUGIN_FAILED:
	case ASY_END_PLUGIN_LATE:
	case ASY_END_PLUGIN_POISONED:
		return (asy_consequence){ASY_BLAME_PLUGIN, ASY_MEMORY_UNJUDGED, ASY_BREAKER_LIFE};
	case ASY_END_NODE:
		return (asy_consequence){ASY_BLAME_NODE, ASY_MEMORY_KEPT, ASY_BREAKER_NOTHING};
	case ASY_END_BREAKER:
	case ASY_END_ADDRESS:
	case ASY_END_CHANGED_HANDS:
	case ASY_END_N:
		break;
	}
	return (asy_consequence){ASY_BLAME_NOBODY, ASY_MEMORY_UNASKED, ASY_BREAKER_NOTHING};
}

const char *asy_blame_name(asy_blame b)
{
	static const char *const names[] = {"miner", "ours", "plugin", "node", "nobody"};
	return (unsigned)b < ASY_COUNT(names) ? names[b] : "?";
}

const char *asy_ending_name(asy_ending e)
{
	static const char *const names[ASY_END_N] = {
		[ASY_END_JUDGED] = "judged",
		[ASY_END_POISON] = "poison",
		[ASY_END_REFUSED] = "refused",
		[ASY_END_MALFORMED] = "malformed",
		[ASY_END_GARBLED] = "garbled",
		[ASY_END_TOO_LARGE] = "too_large",
		[ASY_END_LATE] = "late",
		[ASY_END_UNREACHABLE] = "unreachable",
		[ASY_END_ALIKE] = "alike",
		[ASY_END_LAG] = "lag",
		[ASY_END_NO_ROOM] = "no_room",
		[ASY_END_NO_SOCKET] = "no_socket",
		[ASY_END_OURS] = "ours",
		[ASY_END_ABSTAINED] = "abstained",
		[ASY_END_INVALID] = "invalid",
		[ASY_END_PLUGIN_FAILED] = "plugin_failed",
		[ASY_END_PLUGIN_LATE] = "plugin_late",
		[ASY_END_PLUGIN_POISONED] = "plugin_poisoned",
		[ASY_END_NODE] = "node",
		[ASY_END_BREAKER] = "breaker",
		[ASY_END_ADDRESS] = "address",
		[ASY_END_CHANGED_HANDS] = "changed_hands",
	};
	return (unsigned)e < ASY_END_N ? names[e] : "?";
}

asy_ending asy_ending_of_why(asy_why w)
{
	switch (w) {
	case ASY_WHY_OK:
		return ASY_END_JUDGED;
	case ASY_WHY_EMPTY:
	case ASY_WHY_DECODE:
		return ASY_END_MALFORMED;
	case ASY_WHY_UNREACHABLE:
	case ASY_WHY_CLOSED:
		return ASY_END_UNREACHABLE;
	case ASY_WHY_TIMEOUT_CONNECT:
	case ASY_WHY_TIMEOUT:
		return ASY_END_LATE;
	case ASY_WHY_AUTH:
	case ASY_WHY_FORBIDDEN:
	case ASY_WHY_NOT_FOUND:
	case ASY_WHY_BUSY:
	case ASY_WHY_REDIRECT:
	case ASY_WHY_STATUS:
		return ASY_END_REFUSED;
	case ASY_WHY_PROTOCOL:
		return ASY_END_GARBLED;
	case ASY_WHY_TOO_LARGE:
		return ASY_END_TOO_LARGE;
	case ASY_WHY_UNROUTABLE:
		return ASY_END_ADDRESS;
	case ASY_WHY_BREAKER:
		return ASY_END_BREAKER;
	case ASY_WHY_CHANGED_HANDS:
		return ASY_END_CHANGED_HANDS;
	case ASY_WHY_NOT_STARTED:
		return ASY_END_NO_SOCKET;
	case ASY_WHY_LAG:
		return ASY_END_LAG;
	case ASY_WHY_NO_ROOM:
		return ASY_END_NO_ROOM;
	case ASY_WHY_CANCELLED:
	case ASY_WHY_INTERNAL:
	case ASY_WHY_N:
		break;
	}
	return ASY_END_OURS;
}

static asy_ending of_cause(asy_row_cause cause, bool plugin_poisoned)
{
	switch (cause) {
	case ASY_CAUSE_PLUGIN:
		return ASY_END_ABSTAINED;
	case ASY_CAUSE_INVALID:
		return ASY_END_INVALID;
	case ASY_CAUSE_DEADLINE:
		return ASY_END_PLUGIN_LATE;
	case ASY_CAUSE_POISON:
		return plugin_poisoned ? ASY_END_PLUGIN_POISONED : ASY_END_POISON;
	case ASY_CAUSE_NONE:
	case ASY_CAUSE_ERROR:
	case ASY_CAUSE_CRASH:
	case ASY_CAUSE_QUARANTINE:
		break;
	}
	return ASY_END_PLUGIN_FAILED;
}

asy_ending asy_ending_of_row(const asy_plugin_row *row, bool plugin_poisoned)
{
	switch ((asy_row_flag)row->flag) {
	case ASY_ROW_SCORED:
		return ASY_END_JUDGED;
	case ASY_ROW_FLOOR:
		return plugin_poisoned ? ASY_END_PLUGIN_POISONED : ASY_END_POISON;
	case ASY_ROW_ABSTAIN:
	case ASY_ROW_PENDING:
	case ASY_ROW_NOT_ASKED:
		break;
	}
	return of_cause((asy_row_cause)row->cause, plugin_poisoned);
}

bool asy_fault_most_poison(const asy_plugin_row *row, size_t n)
{
	size_t given = 0, poison = 0;
	for (size_t i = 0; i < n; i++) {
		given += row[i].flag != ASY_ROW_NOT_ASKED && row[i].flag != ASY_ROW_PENDING;
		poison += row[i].flag == ASY_ROW_FLOOR;
	}
	return poison >= 2 && poison * 2 > given;
}

/* ---- a whole round ---- */

#define GOOD_FAILURES 3u /* in a row, and a miner's word counts no more */
#define WITNESSES 3u     /* so many of good standing, all unheard, cannot be chance */

asy_standing asy_standing_of(const assay_track *t)
{
	if (t->observed_n + t->failed_n == 0)
		return ASY_STANDING_NEW;
	return t->observed_n != 0 && t->fail_streak < GOOD_FAILURES &&
				   (t->marks & ASSAY_MARK_STALE) == 0
			   ? ASY_STANDING_GOOD
			   : ASY_STANDING_SILENT;
}

#define CREDIT_UNIT 16u
#define CREDIT_SOME 3u
#define CREDIT_FEW 6u

asy_credit asy_credit_full(void)
{
	return (asy_credit){CREDIT_SOME * CREDIT_UNIT, CREDIT_FEW * CREDIT_UNIT};
}

static bool take(uint32_t *credit)
{
	if (*credit < CREDIT_UNIT)
		return false;
	*credit -= CREDIT_UNIT;
	return true;
}

bool asy_credit_take(asy_credit *credit)
{
	return take(&credit->some);
}

static void give_back(asy_credit *credit)
{
	credit->some += credit->some < CREDIT_SOME * CREDIT_UNIT;
	credit->few += credit->few < CREDIT_FEW * CREDIT_UNIT;
}

/* Failures of one group look alike: the same status, or the same class. */
#define GROUPS (1000u + ASY_WHY_N)

static size_t group_of(const asy_miner_end *m)
{
	switch (m->why) {
	case ASY_WHY_STATUS:
	case ASY_WHY_REDIRECT:
		return m->http_status > 0 && m->http_status < 1000 ? (size_t)m->http_status
														   : 1000u + ASY_WHY_STATUS;
	case ASY_WHY_FORBIDDEN:
		return 1000u + ASY_WHY_AUTH;
	case ASY_WHY_TIMEOUT_CONNECT:
	case ASY_WHY_CLOSED:
		return 1000u + ASY_WHY_UNREACHABLE;
	case ASY_WHY_OK:
	case ASY_WHY_EMPTY:
	case ASY_WHY_UNROUTABLE:
	case ASY_WHY_UNREACHABLE:
	case ASY_WHY_TIMEOUT:
	case ASY_WHY_AUTH:
	case ASY_WHY_NOT_FOUND:
	case ASY_WHY_BUSY:
	case ASY_WHY_PROTOCOL:
	case ASY_WHY_DECODE:
	case ASY_WHY_TOO_LARGE:
	case ASY_WHY_BREAKER:
	case ASY_WHY_CHANGED_HANDS:
	case ASY_WHY_NOT_STARTED:
	case ASY_WHY_CANCELLED:
	case ASY_WHY_LAG:
	case ASY_WHY_NO_ROOM:
	case ASY_WHY_INTERNAL:
	case ASY_WHY_N:
		break;
	}
	return 1000u + (size_t)m->why;
}

static asy_likely likely_of(asy_why w, int status)
{
	switch (w) {
	case ASY_WHY_AUTH:
	case ASY_WHY_FORBIDDEN:
		return ASY_LIKELY_IDENTITY;
	case ASY_WHY_NOT_FOUND:
	case ASY_WHY_REDIRECT:
		return ASY_LIKELY_ROUTE;
	case ASY_WHY_STATUS:
		return status == 405 || status == 501 ? ASY_LIKELY_ROUTE : ASY_LIKELY_REQUEST;
	case ASY_WHY_UNREACHABLE:
	case ASY_WHY_TIMEOUT_CONNECT:
	case ASY_WHY_TIMEOUT:
	case ASY_WHY_CLOSED:
		return ASY_LIKELY_NETWORK;
	case ASY_WHY_TOO_LARGE:
		return ASY_LIKELY_LIMITS;
	case ASY_WHY_EMPTY:
	case ASY_WHY_BUSY:
	case ASY_WHY_PROTOCOL:
	case ASY_WHY_DECODE:
		return ASY_LIKELY_REQUEST;
	case ASY_WHY_OK:
	case ASY_WHY_UNROUTABLE:
	case ASY_WHY_BREAKER:
	case ASY_WHY_CHANGED_HANDS:
	case ASY_WHY_NOT_STARTED:
	case ASY_WHY_CANCELLED:
	case ASY_WHY_LAG:
	case ASY_WHY_NO_ROOM:
	case ASY_WHY_INTERNAL:
	case ASY_WHY_N:
		break;
	}
	return ASY_LIKELY_NOTHING;
}

const char *asy_likely_name(asy_likely l)
{
	static const char *const names[] = {
		"unknown",
		"query.route or query.dialect",
		"our network",
		"our clock, hotkey or stake",
		"query.max_response_bytes",
		"what we ask",
	};
	return (unsigned)l < ASY_COUNT(names) ? names[l] : "?";
}

const char *asy_likely_remedy(asy_likely l)
{
	static const char *const remedies[] = {
		"look at what the miners say: assayd --check --probe",
		"compare query.route and query.dialect with the subnet's documents",
		"check this machine's network and firewall, and query.deadline_ms",
		"check this machine's clock, the hotkey and its stake",
		"raise query.max_response_bytes",
		"check the plugin, its challenges and query.dialect: the miners cannot answer them",
	};
	return (unsigned)l < ASY_COUNT(remedies) ? remedies[l] : "?";
}

/* Whose failures are counted: of the good ones; when there is none, of all. */
static void count_groups(const asy_miner_end *m, size_t n, asy_suspicion *s)
{
	size_t group[GROUPS] = {0}, most = 0;
	for (size_t i = 0; i < n; i++) {
		bool counts = m[i].asked && (s->good == 0 || m[i].standing == ASY_STANDING_GOOD);
		if (!counts || m[i].heard)
			continue;
		size_t in = ++group[group_of(&m[i])];
		if (in <= most)
			continue;
		most = in;
		s->likely = likely_of(m[i].why, m[i].http_status);
	}
	s->alike = s->good != 0 ? most : 0;
}

/*~ Two signs. Nobody was heard at all; or somebody was, but most of the miners that used to
 * answer failed in one and the same way. Miners that never answered, or have not for long,
 * have no say in either: a subnet full of dead miners is judged as it is.
 *
 * With three of good standing silent at once it is us, however long it lasts: an outage of a
 * week must not erase anybody, and as nobody was heard, nobody loses by it. Their standing
 * ends by itself when they have not been observed for tracker.stale_after_s. Everything
 * else is believed on credit. */
asy_suspicion asy_fault_suspect(const asy_miner_end *m, size_t n, asy_credit *credit)
{
	asy_suspicion s = {.likely = ASY_LIKELY_NOTHING};
	size_t fresh = 0;
	for (size_t i = 0; i < n; i++) {
		s.asked += m[i].asked;
		s.heard += m[i].asked && m[i].heard;
		s.good += m[i].asked && m[i].standing == ASY_STANDING_GOOD;
		fresh += m[i].asked && m[i].standing == ASY_STANDING_NEW;
	}
	count_groups(m, n, &s);
	if (s.heard == 0 && s.good + fresh > 0) {
		s.is_strange = true;
		s.is_believed = s.good >= WITNESSES || take(&credit->few);
	} else if (s.heard > 0 && s.good >= WITNESSES && s.alike * 2 > s.good) {
		s.is_strange = true;
		s.is_believed = take(&credit->some);
	}
	if (!s.is_believed)
		give_back(credit);
	return s;
}
