/* Submissions: one row each, once sealed with the secret that opens it, a state that only moves
 * forward, and every receipt ever received. The row is on disk before anything is sent,
 * so whatever the process was doing when it died, what must still be sent, watched or
 * revealed can be read here. It refuses to lose a secret and to leave an end state. */
#include "store/impl.h"

static const struct {
	asy_sub_state state;
	const char *name, *point;
} sub_names[] = {
	{ASY_SUB_WEIGHED, "weighed", "submission.weighed"},
	{ASY_SUB_SEALED, "sealed", "submission.sealed"},
	{ASY_SUB_SUBMITTED, "submitted", "submission.submitted"},
	{ASY_SUB_INCLUDED, "included", "submission.included"},
	{ASY_SUB_FINALISED, "finalised", "submission.finalised"},
	{ASY_SUB_REVEAL_SUBMITTED, "reveal_submitted", "submission.reveal_submitted"},
	{ASY_SUB_REVEALED, "revealed", "submission.revealed"},
	{ASY_SUB_COUNTED, "counted", "submission.counted"},
	{ASY_SUB_MISSED, "missed", "submission.missed"},
	{ASY_SUB_UNSENT, "unsent", "submission.unsent"},
};

const char *asy_sub_name(asy_sub_state st)
{
	for (size_t i = 0; i < ASY_COUNT(sub_names); i++) {
		if (sub_names[i].state == st)
			return sub_names[i].name;
	}
	return "?";
}

static const char *sub_point(asy_sub_state st)
{
	for (size_t i = 0; i < ASY_COUNT(sub_names); i++) {
		if (sub_names[i].state == st)
			return sub_names[i].point;
	}
	return NULL;
}

static bool is_end(asy_sub_state st)
{
	return st >= ASY_SUB_COUNTED;
}

/* ---- beginning ---- */

static assay_status insert(asy_store *s, uint64_t id, const asy_sub_row *sub, uint64_t time_ns,
						   assay_err *err)
{
	sqlite3_stmt *q = NULL;
	TRY(asy_store_prepare(s,
						  "INSERT INTO submission (id, round, netuid, mecid, scheme, state,"
						  " changed_ns) VALUES (?1, nullif(?2, 0), ?3, ?4, ?5, ?6, ?7)",
						  &q, err));
	asy_bind_u64(q, 1, id);
	asy_bind_u64(q, 2, sub->round);
	(void)sqlite3_bind_int(q, 3, sub->netuid);
	(void)sqlite3_bind_int(q, 4, sub->mecid);
	(void)sqlite3_bind_int(q, 5, (int)sub->scheme);
	(void)sqlite3_bind_int(q, 6, ASY_SUB_WEIGHED);
	asy_bind_u64(q, 7, time_ns);
	assay_status st = asy_store_run(s, q, "writing a submission", err);
	(void)sqlite3_finalize(q);
	return st;
}

assay_status asy_store_submission_begin(asy_store *s, const asy_sub_row *sub, uint64_t version,
										uint64_t time_ns, assay_span payload, uint64_t *id,
										assay_err *err)
{
	const asy_rec_in rec = {ASY_REC_WEIGHTS, payload};
	uint64_t made = 0;
	TRY(asy_store_fits(sub->round, "the round", err));
	TRY(asy_store_enter(s, "WEIGHTS", err));
	assay_status st =
		asy_store_story_begin(s, ASY_STORY_SUBMISSION, version, time_ns, &rec, &made, err);
	if (st == ASSAY_OK)
		st = insert(s, made, sub, time_ns, err);
	st = asy_store_leave(s, st, err);
	if (st == ASSAY_OK)
		*id = made;
	return st;
}

/* ---- the intent ---- */

static assay_status read_state(asy_store *s, uint64_t id, asy_sub_state *out, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	bool row = false;
	assay_status st = asy_store_fits(id, "the submission", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, "SELECT state FROM submission WHERE id = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, id);
		st = asy_store_row(s, q, "reading a submission", &row, err);
	}
	if (st == ASSAY_OK && row)
		*out = (asy_sub_state)sqlite3_column_int(q, 0);
	(void)sqlite3_finalize(q);
	if (st == ASSAY_OK && !row)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no submission %" PRIu64, id);
	return st;
}

static assay_status write_seal(asy_store *s, const asy_sub_row *sub, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	TRY(asy_store_prepare(s,
						  "UPDATE submission SET netuid = ?2, mecid = ?3, scheme = ?4, hash = ?5,"
						  " secret = ?6 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM submission AS b"
						  " WHERE b.netuid = ?2 AND b.mecid = ?3 AND b.hash = ?5 AND b.id <> ?1)",
						  &q, err));
	asy_bind_u64(q, 1, sub->id);
	(void)sqlite3_bind_int(q, 2, sub->netuid);
	(void)sqlite3_bind_int(q, 3, sub->mecid);
	(void)sqlite3_bind_int(q, 4, (int)sub->scheme);
	asy_bind_bytes(q, 5, asy_span(sub->hash, sizeof sub->hash));
	asy_bind_bytes(q, 6, sub->secret);
	assay_status st = asy_store_run(s, q, "sealing a submission", err);
	if (st == ASSAY_OK && sqlite3_changes(s->db) == 0)
		st = ASSAY_FAIL(err, E_INPUT, "another submission has the hash of submission %" PRIu64,
						sub->id);
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status write_state(asy_store *s, uint64_t id, asy_sub_state to, uint64_t time_ns,
								assay_span receipt, assay_err *err);

assay_status asy_store_submission_seal(asy_store *s, const asy_sub_row *sub, uint64_t time_ns,
									   assay_err *err)
{
	asy_sub_state from = ASY_SUB_WEIGHED;
	if (sub->secret.len > ASY_SECRET_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "an opening secret of %zu bytes, the limit is %zu",
						  sub->secret.len, ASY_SECRET_MAX);
	TRY(asy_store_time_fits(time_ns, err));
	TRY(asy_store_enter(s, sub_point(ASY_SUB_SEALED), err));
	assay_status st = read_state(s, sub->id, &from, err);
	if (st == ASSAY_OK && from > ASY_SUB_SUBMITTED)
		st = ASSAY_FAIL(err, E_MISMATCH, "submission %" PRIu64 " is %s and cannot be sealed anew",
						sub->id, asy_sub_name(from));
	if (st == ASSAY_OK)
		st = write_seal(s, sub, err);
	if (st == ASSAY_OK) /* the receipt says when */
		st = write_state(s, sub->id, ASY_SUB_SEALED, time_ns,
						 asy_span_str(from == ASY_SUB_WEIGHED
										  ? "opening on disk"
										  : "sealed anew: the commit-reveal switch was turned"),
						 err);
	return asy_store_leave(s, st, err);
}

/* ---- moves ---- */

static assay_status check_blocks(uint64_t commit_epoch, uint64_t commit_block,
								 uint64_t reveal_epoch, uint64_t first, uint64_t last,
								 assay_err *err)
{
	const uint64_t all[] = {commit_epoch, commit_block, reveal_epoch, first, last};
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < ASY_COUNT(all) && st == ASSAY_OK; i++)
		st = asy_store_fits(all[i], "a block or epoch", err);
	if (st == ASSAY_OK && last != 0 && first > last)
		return ASSAY_FAIL(err, E_INPUT,
						  "the reveal window ends at block %" PRIu64
						  " before it starts at %" PRIu64,
						  last, first);
	return st;
}

static assay_status write_state(asy_store *s, uint64_t id, asy_sub_state to, uint64_t time_ns,
								assay_span receipt, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s, "UPDATE submission SET state = ?2, changed_ns = ?3 WHERE id = ?1", &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, id);
		asy_bind_u64(q, 2, (uint64_t)to);
		asy_bind_u64(q, 3, time_ns);
		st = asy_store_run(s, q, "moving a submission", err);
	}
	(void)sqlite3_finalize(q);
	q = NULL;
	if (st == ASSAY_OK && receipt.len != 0)
		st = asy_store_prepare(
			s, "INSERT INTO receipt (submission, state, time_ns, bytes) VALUES (?1, ?2, ?3, ?4)",
			&q, err);
	if (st == ASSAY_OK && q != NULL) {
		asy_bind_u64(q, 1, id);
		asy_bind_u64(q, 2, (uint64_t)to);
		asy_bind_u64(q, 3, time_ns);
		asy_bind_bytes(q, 4, receipt);
		st = asy_store_run(s, q, "writing a receipt", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status check_receipt(uint64_t time_ns, assay_span receipt, assay_err *err)
{
	if (receipt.len > ASY_RECEIPT_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a receipt of %zu bytes, the limit is %zu", receipt.len,
						  ASY_RECEIPT_MAX);
	return asy_store_time_fits(time_ns, err);
}

assay_status asy_store_submission_move(asy_store *s, uint64_t id, asy_sub_state to,
									   uint64_t time_ns, assay_span receipt, assay_err *err)
{
	asy_sub_state from = ASY_SUB_SEALED;
	if (sub_point(to) == NULL)
		return ASSAY_FAIL(err, E_INPUT, "submission state %d is unknown", (int)to);
	assay_status st = check_receipt(time_ns, receipt, err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, sub_point(to), err);
	if (st != ASSAY_OK)
		return st;
	st = read_state(s, id, &from, err);
	if (st == ASSAY_OK && from != to && (is_end(from) || to < from))
		st = ASSAY_FAIL(err, E_MISMATCH, "submission %" PRIu64 " is %s and cannot become %s", id,
						asy_sub_name(from), asy_sub_name(to));
	if (st == ASSAY_OK)
		st = write_state(s, id, to, time_ns, receipt, err);
	return asy_store_leave(s, st, err);
}

assay_status asy_store_submission_retract(asy_store *s, uint64_t id, uint64_t time_ns,
										  assay_span reason, assay_err *err)
{
	asy_sub_state from = ASY_SUB_SEALED, to = ASY_SUB_SEALED;
	assay_status st = check_receipt(time_ns, reason, err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, "submission.retracted", err);
	if (st != ASSAY_OK)
		return st;
	st = read_state(s, id, &from, err);
	if (st == ASSAY_OK) {
		if (from == ASY_SUB_REVEAL_SUBMITTED)
			to = ASY_SUB_FINALISED;
		else if (from != ASY_SUB_SUBMITTED && from != ASY_SUB_INCLUDED)
			st = ASSAY_FAIL(err, E_MISMATCH, "submission %" PRIu64 " is %s: nothing to take back",
							id, asy_sub_name(from));
	}
	if (st == ASSAY_OK)
		st = write_state(s, id, to, time_ns, reason, err);
	return asy_store_leave(s, st, err);
}

assay_status asy_store_submission_window(asy_store *s, uint64_t id, uint64_t commit_epoch,
										 uint64_t commit_block, uint64_t reveal_epoch,
										 uint64_t reveal_first, uint64_t reveal_last,
										 assay_err *err)
{
	sqlite3_stmt *q = NULL;
	const uint64_t all[] = {commit_epoch, commit_block, reveal_epoch, reveal_first, reveal_last};
	asy_sub_state state;
	assay_status st =
		check_blocks(commit_epoch, commit_block, reveal_epoch, reveal_first, reveal_last, err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, "submission.window", err);
	if (st != ASSAY_OK)
		return st;
	st = read_state(s, id, &state, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "UPDATE submission SET"
							   " commit_epoch = CASE ?2 WHEN 0 THEN commit_epoch ELSE ?2 END,"
							   " commit_block = CASE ?3 WHEN 0 THEN commit_block ELSE ?3 END,"
							   " reveal_epoch = CASE ?4 WHEN 0 THEN reveal_epoch ELSE ?4 END,"
							   " reveal_first = CASE ?5 WHEN 0 THEN reveal_first ELSE ?5 END,"
							   " reveal_last = CASE ?6 WHEN 0 THEN reveal_last ELSE ?6 END"
							   " WHERE id = ?1",
							   &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, id);
		for (int i = 0; i < 5; i++)
			asy_bind_u64(q, i + 2, all[i]);
		st = asy_store_run(s, q, "writing a reveal window", err);
	}
	(void)sqlite3_finalize(q);
	return asy_store_leave(s, st, err);
}

/* ---- reading ---- */

static assay_status read_submission(sqlite3_stmt *q, asy_sub_row *sub, assay_err *err)
{
	assay_span hash = asy_column_bytes(q, 5);
	assay_status st = asy_store_no_negative(q, "a submission", err);
	if (st != ASSAY_OK)
		return st;
	*sub = (asy_sub_row){
		.id = asy_column_u64(q, 0),
		.round = asy_column_u64(q, 1),
		.netuid = (uint16_t)sqlite3_column_int(q, 2),
		.mecid = (uint8_t)sqlite3_column_int(q, 3),
		.scheme = (asy_sub_scheme)sqlite3_column_int(q, 4),
		.is_sealed = sqlite3_column_type(q, 5) != SQLITE_NULL,
		.secret = asy_column_bytes(q, 6),
		.commit_epoch = asy_column_u64(q, 7),
		.commit_block = asy_column_u64(q, 8),
		.reveal_epoch = asy_column_u64(q, 9),
		.reveal_first = asy_column_u64(q, 10),
		.reveal_last = asy_column_u64(q, 11),
		.state = (asy_sub_state)sqlite3_column_int(q, 12),
		.changed_ns = asy_column_u64(q, 13),
	};
	if (!sub->is_sealed)
		return ASSAY_OK;
	if (hash.len != sizeof sub->hash)
		return ASSAY_FAIL(err, E_STORE, "submission %" PRIu64 ": the hash is damaged", sub->id);
	memcpy(sub->hash, hash.ptr, sizeof sub->hash);
	return ASSAY_OK;
}

static assay_status visit_submissions(asy_store *s, const char *sql, uint64_t round,
									  asy_sub_visitor visit, void *arg, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_fits(round, "the round", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s, sql, &q, err);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, round);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		asy_sub_row sub;
		st = asy_store_row(s, q, "reading submissions", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = read_submission(q, &sub, err);
		if (st == ASSAY_OK)
			st = visit(arg, &sub, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	return st;
}

#define SUB_COLUMNS                                                                                \
	"id, round, netuid, mecid, scheme, hash, secret, commit_epoch, commit_block, reveal_epoch,"    \
	" reveal_first, reveal_last, state, changed_ns"

assay_status asy_store_submissions(asy_store *s, uint64_t round, asy_sub_visitor visit, void *arg,
								   assay_err *err)
{
	return visit_submissions(
		s, "SELECT " SUB_COLUMNS " FROM submission WHERE ?1 = 0 OR round = ?1 ORDER BY id", round,
		visit, arg, err);
}

typedef struct {
	asy_sub_visitor visit;
	void *arg;
	bool found;
} one;

static assay_status on_one(void *arg, const asy_sub_row *sub, assay_err *err)
{
	one *o = arg;
	o->found = true;
	return o->visit(o->arg, sub, err);
}

assay_status asy_store_submission(asy_store *s, uint64_t id, asy_sub_visitor visit, void *arg,
								  assay_err *err)
{
	one o = {.visit = visit, .arg = arg};
	assay_status st = visit_submissions(s, "SELECT " SUB_COLUMNS " FROM submission WHERE id = ?1",
										id, on_one, &o, err);
	if (st == ASSAY_OK && !o.found)
		return ASSAY_FAIL(err, E_NOTFOUND, "there is no submission %" PRIu64, id);
	return st;
}

assay_status asy_store_receipts(asy_store *s, uint64_t id, asy_receipt_visitor visit, void *arg,
								assay_err *err)
{
	sqlite3_stmt *q = NULL;
	asy_sub_state state;
	assay_status st = read_state(s, id, &state, err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(
			s, "SELECT state, time_ns, bytes FROM receipt WHERE submission = ?1 ORDER BY id", &q,
			err);
	if (st == ASSAY_OK)
		asy_bind_u64(q, 1, id);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		st = asy_store_row(s, q, "reading receipts", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		const asy_receipt r = {(asy_sub_state)sqlite3_column_int(q, 0), asy_column_u64(q, 1),
							   asy_column_bytes(q, 2)};
		st = asy_store_no_negative(q, "a receipt", err);
		if (st == ASSAY_OK)
			st = visit(arg, &r, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	return st;
}
