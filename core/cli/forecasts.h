/* cli/forecasts.h - forecasts and what became of them, from a store's history. */
#ifndef ASY_CLI_FORECASTS_H
#define ASY_CLI_FORECASTS_H
#include "codec/codec.h"
#include "submission/submission.h"
#include "store/store.h"

typedef struct {
	uint64_t round;
	asy_forecast_outcome x;
} cli_forecast;

/* How good they were, all rounds together; errors in units of 1/65535. */
typedef struct {
	size_t values, in_band;
	double median, p95, rows, stakes, rest; /* causes: means over the values */
} cli_forecast_sum;

typedef struct {
	asy_arena *arena;
	cli_forecast *item; /* oldest first */
	size_t n;
	cli_forecast_sum sum[ASY_QUANTITIES];
} cli_forecasts;

assay_status cli_forecasts_read(asy_store *s, cli_forecasts *out, assay_err *err) ASSAY_CHECKED;
void cli_forecasts_fini(cli_forecasts *f);
/* A member "forecasts" and one "forecast_errors" of the object that is open. */
assay_status cli_forecasts_json(const cli_forecasts *f, asy_jw *w, assay_err *err) ASSAY_CHECKED;
void cli_forecasts_print(const cli_forecasts *f, FILE *out);
#endif
