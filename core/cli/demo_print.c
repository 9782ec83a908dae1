/* What the demo shows: progress while it runs, a table per subnet and one of all
 * subnets at the end. Everything fits a terminal of 80 columns. */
#include <math.h>
#include <stdarg.h>
#include <unistd.h>
#include "cli/demo.h"

#define COLUMNS 79

/* ---- while it runs ---- */

static double seconds(const demo *d)
{
	uint64_t now = asy_sys_clock()->mono_ns(asy_sys_clock());
	return (double)(now - d->started_ns) / 1e9;
}

static void clear_progress(const demo *d)
{
	if (d->is_terminal && !d->args.quiet)
		(void)fputs("\r\033[K", d->out);
}

void demo_say(const demo *d, const char *who, const char *fmt, ...)
{
	va_list ap;
	char line[600];
	if (d->args.quiet)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	clear_progress(d);
	(void)fprintf(d->out, "[%6.1f s] %-9.20s %s\n", seconds(d), who, line);
	(void)fflush(d->out);
}

/* One line at the bottom of a terminal, redrawn; nothing elsewhere. */
void demo_progress(const demo *d, uint64_t block)
{
	char line[512];
	int n = snprintf(line, sizeof line, "[%6.1f s] block %" PRIu64 ", vectors counted:", seconds(d),
					 block);
	if (!d->is_terminal || d->args.quiet)
		return;
	for (size_t i = 0; i < d->subnet_n && n < COLUMNS; i++)
		n += snprintf(line + n, sizeof line - (size_t)n, " %.20s %" PRIu64 "/%" PRIu64,
					  d->subnet[i].task, d->subnet[i].counted, d->args.rounds);
	(void)fprintf(d->out, "\r\033[K%.*s", COLUMNS, line);
	(void)fflush(d->out);
}

void demo_progress_end(const demo *d)
{
	clear_progress(d);
	(void)fflush(d->out);
}

/* ---- afterwards ---- */

static double percent(int64_t fixed)
{
	return 100.0 * (double)fixed / 4294967296.0;
}
static double percent16(uint16_t v)
{
	return 100.0 * v / 65535.0;
}

static void print_row(const demo *d, const demo_row *r)
{
	char score[16] = "-", skill[16] = "-";
	/* The other behaviours ignore skill. */
	if (strcmp(r->behaviour, "honest") == 0 || strcmp(r->behaviour, "slow") == 0)
		(void)snprintf(skill, sizeof skill, "%.2f", r->skill);
	if (!isnan(r->score))
		(void)snprintf(score, sizeof score, "%.4f", r->score);
	(void)fprintf(d->out, "  %3u  %-10s  %5s  %7s  %6.2f%%  %6.2f%%  %7.2f%%  %7.2f%%  %s\n",
				  r->uid, r->behaviour, skill, score, percent(r->share), percent(r->clipped),
				  percent16(r->verified), percent16(r->on_chain),
				  r->verified == r->on_chain ? "yes" : "NO");
}

/* The stages that a reader waits for; the JSON has all. */
static void print_receipt(const demo *d, const demo_submission *x)
{
	size_t said = 0;
	(void)fprintf(d->out, "  round %" PRIu64 ", 0x%.12s..:", x->round, x->hash);
	for (size_t k = 0; k < x->receipt_n; k++) {
		asy_sub_state state = x->receipt[k].state;
		double dt = (double)(x->receipt[k].time_ns - x->receipt[0].time_ns) / 1e9;
		if (state != ASY_SUB_INCLUDED && state != ASY_SUB_REVEALED && state != ASY_SUB_COUNTED)
			continue;
		(void)fprintf(d->out, "%s %s +%.1f s", said++ > 0 ? "," : "", asy_sub_name(state), dt);
	}
	if (x->state != ASY_SUB_COUNTED)
		(void)fprintf(d->out, " NOT COUNTED: %s", asy_sub_name(x->state));
	(void)fputc('\n', d->out);
}

/* What was forecast before a vector was sealed, and what came: not to be confused with
 * the verified column, which is computed after the epoch and must be equal. */
static void print_forecast(const demo *d, const cli_forecast *f)
{
	const asy_forecast_outcome *x = &f->x;
	(void)fprintf(d->out,
				  "  round %" PRIu64 " forecast: trust %.1f%% (%.1f..%.1f), came %.1f%%; others"
				  " within %.1f%%\n",
				  f->round, percent16(x->forecast[0]), percent16(x->low[0]), percent16(x->high[0]),
				  percent16(x->outcome[0]), 100.0 * x->of[ASY_EACH_CONSENSUS].p95 / 65535.0);
}

void demo_print(const demo *d, const demo_subnet *s)
{
	(void)fprintf(d->out, "\nsubnet %u, %s\n  our validator: uid %u", s->netuid, s->task, s->uid);
	if (s->table_block != 0)
		(void)fprintf(d->out, "; weights as the epoch at block %" PRIu64 " used them",
					  s->table_block);
	(void)fprintf(
		d->out,
		"\n  uid  miner       skill    score   weight  clipped  verified  on chain  equal\n");
	for (size_t i = 0; i < s->row_n; i++)
		print_row(d, &s->row[i]);
	for (size_t i = 0; i < s->submission_n; i++)
		print_receipt(d, &s->submission[i]);
	for (size_t i = 0; i < s->forecasts.n; i++)
		print_forecast(d, &s->forecasts.item[i]);
	if (!s->ranked)
		(void)fprintf(d->out, "  RANKING WRONG: %s\n", s->ranked_why);
}

void demo_print_summary(const demo *d)
{
	static const char *const legend[] = {
		"skill     how often a scripted miner is right, 1 = always",
		"score     what the weight was made from: our memory of the miner's rewards",
		"weight    the miner's share of our weights",
		"clipped   part of the weight that consensus cut off: no stake majority for it",
		"verified  consensus, computed here from the chain's state before the epoch",
		"forecast  our validator's trust as expected before sealing, in a stated band;",
		"          others: 95 of 100 uids' consensus came that close to its forecast",
		"on chain  consensus as the chain stored it; equal means bit for bit",
		"epochs    epochs that ran, and how many of them equalled our computation in",
		"          consensus, incentive, dividends and trust of every uid",
		"vectors   weight vectors that our validator sealed, and how many counted",
		"ranking   does every honest miner outweigh every lazy, garbage, silent and",
		"          oversized one?"};
	(void)fprintf(d->out, "\n  subnet                epochs  equal  vectors  counted  ranking\n");
	for (size_t i = 0; i < d->subnet_n; i++) {
		const demo_subnet *s = &d->subnet[i];
		size_t equal = 0, counted = 0;
		for (size_t k = 0; k < s->epoch_n; k++)
			equal += s->epoch[k].equal;
		for (size_t k = 0; k < s->submission_n; k++)
			counted += s->submission[k].state == ASY_SUB_COUNTED;
		(void)fprintf(d->out, "  %4u  %-14.14s  %6zu %6zu  %7zu  %7zu  %s\n", s->netuid, s->task,
					  s->epoch_n, equal, s->submission_n, counted, s->ranked ? "right" : "WRONG");
	}
	(void)fputc('\n', d->out);
	for (size_t i = 0; i < ASY_COUNT(legend); i++)
		(void)fprintf(d->out, "  %s\n", legend[i]);
}
