/* The history of forecasts: one row for each vector that counted. It outlives the records
 * of its submission, since margins and statistics look back further than replay does. */
#include "store/impl.h"

#define FORECASTS_KEPT 10000u

static assay_status drop_old(asy_store *s, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st =
		asy_store_prepare(s,
						  "DELETE FROM forecast WHERE submission <= (SELECT submission FROM"
						  " forecast ORDER BY submission DESC LIMIT 1 OFFSET ?1)",
						  &q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, FORECASTS_KEPT);
		st = asy_store_run(s, q, "dropping old forecasts", err);
	}
	(void)sqlite3_finalize(q);
	return st;
}

static assay_status insert(asy_store *s, const asy_forecast_row *row, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_prepare(
		s,
		"INSERT OR REPLACE INTO forecast (submission, made_at, counted_at, outcome)"
		" SELECT id, ?2, ?3, ?4 FROM submission WHERE id = ?1",
		&q, err);
	if (st == ASSAY_OK) {
		asy_bind_u64(q, 1, row->submission);
		asy_bind_u64(q, 2, row->made_at);
		asy_bind_u64(q, 3, row->counted_at);
		(void)sqlite3_bind_text(q, 4, (const char *)row->outcome.ptr, (int)row->outcome.len,
								SQLITE_STATIC);
		st = asy_store_run(s, q, "writing a forecast", err);
	}
	if (st == ASSAY_OK && sqlite3_changes(s->db) == 0)
		st = ASSAY_FAIL(err, E_NOTFOUND, "there is no submission %" PRIu64, row->submission);
	(void)sqlite3_finalize(q);
	return st;
}

assay_status asy_store_forecast_put(asy_store *s, const asy_forecast_row *row, assay_err *err)
{
	if (row->outcome.len > ASY_REC_MAX)
		return ASSAY_FAIL(err, E_LIMIT, "a forecast's outcome of %zu bytes, the limit is %zu",
						  row->outcome.len, ASY_REC_MAX);
	assay_status st = asy_store_fits(row->submission, "the submission", err);
	if (st == ASSAY_OK)
		st = asy_store_fits(row->made_at, "the block", err);
	if (st == ASSAY_OK)
		st = asy_store_fits(row->counted_at, "the block", err);
	if (st == ASSAY_OK)
		st = asy_store_enter(s, "forecast", err);
	if (st != ASSAY_OK)
		return st;
	st = insert(s, row, err);
	if (st == ASSAY_OK)
		st = drop_old(s, err);
	return asy_store_leave(s, st, err);
}

assay_status asy_store_forecasts(asy_store *s, uint64_t newest_n, asy_forecast_visitor visit,
								 void *arg, assay_err *err)
{
	sqlite3_stmt *q = NULL;
	assay_status st = asy_store_fits(newest_n, "the number of forecasts", err);
	if (st == ASSAY_OK)
		st = asy_store_prepare(s,
							   "SELECT f.submission, made_at, counted_at, outcome, b.round"
							   " FROM forecast AS f JOIN submission AS b ON b.id = f.submission"
							   " ORDER BY f.submission DESC LIMIT ?1",
							   &q, err);
	if (st == ASSAY_OK)
		(void)sqlite3_bind_int64(q, 1, newest_n == 0 ? -1 : (sqlite3_int64)newest_n);
	bool was_visiting = s->visiting;
	s->visiting = true;
	while (st == ASSAY_OK) {
		bool row = false;
		st = asy_store_row(s, q, "reading forecasts", &row, err);
		if (st != ASSAY_OK || !row)
			break;
		st = asy_store_no_negative(q, "a forecast", err);
		const asy_forecast_row f = {asy_column_u64(q, 0), asy_column_u64(q, 1),
									asy_column_u64(q, 2), asy_column_bytes(q, 3),
									asy_column_u64(q, 4)};
		if (st == ASSAY_OK)
			st = visit(arg, &f, err);
	}
	s->visiting = was_visiting;
	(void)sqlite3_finalize(q);
	return st;
}
