/* assay yuma simulate: an experiment over many epochs, from a file or made from
 * numbers, to text, JSON, CSV and a page. */
#include <stdlib.h>
#include "cli/yuma_file.h"
#include "research/simulate.h"

/* The numbers as the option table takes them. All 64 bits wide, so that two sets can be
 * compared as bytes. */
typedef struct {
	uint64_t validators, miners, cabal_validators, cabal_miners, copiers, copy_lag, newcomer;
	uint64_t epochs, seed, kappa;
	double cabal_stake, cabal_own, newcomer_quality, noise, drift;
} numbers;

/* Where the experiment comes from. */
typedef struct {
	const char *file; /* NULL: from the numbers */
	numbers x;
	bool yuma2, liquid_alpha;
	uint64_t cpu_mask;
} source;

static bool narrow(uint64_t x, uint16_t *out)
{
	*out = (uint16_t)x;
	return x <= UINT16_MAX;
}

static assay_status make(const source *from, asy_sim **out, assay_err *err)
{
	const numbers *x = &from->x;
	asy_sim_generate g = asy_sim_generate_defaults();
	if (!narrow(x->validators, &g.validators) || !narrow(x->miners, &g.miners) ||
		!narrow(x->cabal_validators, &g.cabal_validators) ||
		!narrow(x->cabal_miners, &g.cabal_miners) || !narrow(x->copiers, &g.copiers) ||
		!narrow(x->copy_lag, &g.copy_lag) || !narrow(x->kappa, &g.kappa))
		return ASSAY_FAIL(err, E_RANGE, "a number has more than 16 bits");
	if (x->epochs > ASY_SIM_EPOCHS_MAX)
		return ASSAY_FAIL(err, E_RANGE, "at most %u epochs", ASY_SIM_EPOCHS_MAX);
	if (x->newcomer != UINT64_MAX && x->newcomer >= x->epochs)
		return ASSAY_FAIL(err, E_RANGE, "the newcomer comes at epoch %" PRIu64 ", after the end",
						  x->newcomer);
	g.newcomer_epoch = x->newcomer == UINT64_MAX ? -1 : (int64_t)x->newcomer;
	g.cabal_stake = x->cabal_stake;
	g.cabal_own = x->cabal_own;
	g.newcomer_quality = x->newcomer_quality;
	g.noise = x->noise;
	g.drift = x->drift;
	g.yuma3 = !from->yuma2;
	g.liquid_alpha = from->liquid_alpha;
	return asy_sim_make(&g, (uint32_t)x->epochs, x->seed, out, err);
}

static assay_status read_file(const char *file, asy_sim **out, assay_err *err)
{
	asy_json *doc = NULL;
	assay_status st = yuma_json(file, &doc, err);
	if (st != ASSAY_OK)
		return st;
	st = asy_sim_read(asy_json_root(doc), out, err);
	asy_json_free(doc);
	return st == ASSAY_OK ? ASSAY_OK : assay_err_at(err, st, "%s", file);
}

static assay_status load(const source *from, asy_sim **out, assay_err *err)
{
	assay_status st = from->file != NULL ? read_file(from->file, out, err) : make(from, out, err);
	if (st == ASSAY_OK)
		asy_sim_cpu(*out, from->cpu_mask);
	return st;
}

/* About ten epochs, the first and the last among them. */
static void print_text(const asy_sim *s, const asy_sim_result *r)
{
	uint32_t stride = r->epochs > 10 ? (r->epochs + 8) / 10 : 1;
	for (size_t g = 0; g < asy_sim_groups(s); g++) {
		(void)printf("%s%s\n  epoch   stake  emission  dividends  incentive  return   trust\n",
					 g > 0 ? "\n" : "", asy_sim_group_name(s, g));
		for (uint32_t e = 0; e < r->epochs; e++) {
			asy_sim_group_cell c;
			if (e % stride != 0 && e != r->epochs - 1)
				continue;
			asy_sim_group_at(s, r, e, g, &c);
			(void)printf("%7" PRIu32 "  %.4f    %.4f     %.4f     %.4f  %.4f  %.4f\n", e,
						 c.stake_share, c.emission_share, c.dividend_share, c.incentive_share,
						 c.return_per_stake, c.validator_trust);
		}
	}
}

typedef struct {
	const char *csv, *html, *state;
	uint64_t state_epoch;
	bool json;
} outputs;

static assay_status write_text(const char *path, asy_buf *text, assay_status st, assay_err *err)
{
	if (st == ASSAY_OK)
		st = asy_front_write_file(path, asy_buf_span(text), err);
	asy_buf_reset(text);
	return st;
}

static assay_status write_outputs(const asy_sim *s, const asy_sim_result *r, const outputs *o,
								  assay_err *err)
{
	asy_buf text = {0};
	assay_status st = ASSAY_OK;
	if (o->csv != NULL)
		st = write_text(o->csv, &text, asy_sim_csv(s, r, &text, err), err);
	if (st == ASSAY_OK && o->html != NULL)
		st = write_text(o->html, &text,
						asy_sim_html(s, r, "Consensus over many epochs", &text, err), err);
	if (st == ASSAY_OK && o->json) {
		st = asy_sim_json(s, r, &text, err);
		if (st == ASSAY_OK)
			st = asy_front_print(&text, err);
	} else if (st == ASSAY_OK && (o->csv == NULL || strcmp(o->csv, "-") != 0) &&
			   (o->html == NULL || strcmp(o->html, "-") != 0)) {
		print_text(s, r);
	}
	asy_buf_fini(&text);
	return st;
}

/* An experiment runs once, so the state of one epoch is made by one of its own. */
static assay_status write_state(const source *from, const outputs *o, assay_err *err)
{
	asy_buf text = {0};
	asy_sim *s = NULL;
	asy_sim_cell *cells = NULL;
	assay_status st = load(from, &s, err);
	if (st != ASSAY_OK)
		return st;
	uint32_t last = asy_sim_epochs(s) - 1;
	uint64_t epoch = o->state_epoch == UINT64_MAX ? last : o->state_epoch;
	if (epoch > last)
		st = ASSAY_FAIL(err, E_RANGE, "--state-epoch %" PRIu64 ": the last epoch is %" PRIu32,
						epoch, last);
	cells = asy_calloc(asy_sim_neurons(s) + 1, sizeof *cells);
	if (st == ASSAY_OK && cells == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "one epoch's cells");
	for (uint64_t e = 0; e < epoch && st == ASSAY_OK; e++)
		st = asy_sim_advance(s, cells, err);
	if (st == ASSAY_OK)
		st = asy_sim_prepare(s, err);
	if (st == ASSAY_OK)
		st = asy_research_input_json(asy_sim_input(s), &text, err);
	st = write_text(o->state, &text, st, err);
	asy_buf_fini(&text);
	free(cells);
	asy_sim_free(s);
	return st;
}

int cmd_yuma_simulate(int argc, char **argv)
{
	const asy_sim_generate d = asy_sim_generate_defaults();
	source from = {.x = {.validators = d.validators,
						 .miners = d.miners,
						 .copy_lag = d.copy_lag,
						 .newcomer = UINT64_MAX,
						 .epochs = 40,
						 .kappa = d.kappa,
						 .cabal_stake = d.cabal_stake,
						 .cabal_own = d.cabal_own,
						 .newcomer_quality = d.newcomer_quality,
						 .noise = d.noise}};
	numbers *x = &from.x;
	const numbers untouched = *x;
	outputs o = {.state_epoch = UINT64_MAX};
	const char *cpu = NULL, *file;
	const asy_front_opt opts[] = {
		{"epochs", ASY_FRONT_U64, &x->epochs, "N", "how many (default 40)"},
		{"seed", ASY_FRONT_U64, &x->seed, "N", "of every draw (default 0)"},
		{"validators", ASY_FRONT_U64, &x->validators, "N", "honest ones (default 8)"},
		{"miners", ASY_FRONT_U64, &x->miners, "N", "honest ones (default 24)"},
		{"cabal-validators", ASY_FRONT_U64, &x->cabal_validators, "N", "validators of a cabal"},
		{"cabal-miners", ASY_FRONT_U64, &x->cabal_miners, "N", "miners that the cabal pays"},
		{"cabal-stake", ASY_FRONT_F64, &x->cabal_stake, "X",
		 "its share of the stake (default 0.3)"},
		{"cabal-own", ASY_FRONT_F64, &x->cabal_own, "X",
		 "its weight on its own miners (default 0.9)"},
		{"copiers", ASY_FRONT_U64, &x->copiers, "N", "validators that send an earlier consensus"},
		{"copy-lag", ASY_FRONT_U64, &x->copy_lag, "N", "how many epochs earlier (default 1)"},
		{"newcomer", ASY_FRONT_U64, &x->newcomer, "EPOCH",
		 "the last honest miner is replaced then"},
		{"newcomer-quality", ASY_FRONT_F64, &x->newcomer_quality, "X",
		 "against 1 on average (default 2)"},
		{"noise", ASY_FRONT_F64, &x->noise, "X", "of an honest judgement (default 0.1)"},
		{"drift", ASY_FRONT_F64, &x->drift, "X", "of a miner's quality per epoch (default 0)"},
		{"kappa", ASY_FRONT_U64, &x->kappa, "U16", "of 65535 (default 32767)"},
		{"yuma2", ASY_FRONT_FLAG, &from.yuma2, NULL, "legacy bonds instead of Yuma 3"},
		{"liquid-alpha", ASY_FRONT_FLAG, &from.liquid_alpha, NULL, "liquid alpha (Yuma 3 only)"},
		{"csv", ASY_FRONT_STR, &o.csv, "FILE",
		 "one row per epoch and uid (\"-\": standard output)"},
		{"html", ASY_FRONT_STR, &o.html, "FILE", "one page with plots"},
		{"state", ASY_FRONT_STR, &o.state, "FILE",
		 "the input of one epoch, for run, explain, what-if"},
		{"state-epoch", ASY_FRONT_U64, &o.state_epoch, "N", "of which epoch (default: the last)"},
		{"cpu", ASY_FRONT_STR, &cpu, "NAME",
		 "auto, scalar, avx2, avx512, neon; never changes a result"},
		{"json", ASY_FRONT_FLAG, &o.json, NULL, "everything as JSON on standard output"},
	};
	const asy_front_usage usage = {
		"assay yuma simulate [options] [FILE.json]",
		"Runs many epochs; each one's bonds and permits are the next one's input. FILE is an\n"
		"experiment (format assay-simulate/1, docs/yuma.md); without it the numbers below make\n"
		"a subnet. Same numbers and seed, same bits.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	if (!asy_front_parse(&usage, argc, argv, &file, 1, &n, &code))
		return code;
	if (n == 1 && (memcmp(x, &untouched, sizeof *x) != 0 || from.yuma2 || from.liquid_alpha))
		return asy_front_misuse("yuma simulate", "the numbers make a subnet, but %s already is one",
								file);
	if (o.state == NULL && o.state_epoch != UINT64_MAX)
		return asy_front_misuse("yuma simulate", "--state-epoch needs --state FILE");
	from.file = n == 1 ? file : NULL;
	assay_err err = {0};
	asy_sim *s = NULL;
	asy_sim_result r = {0};
	assay_status st = asy_front_cpu(cpu, &from.cpu_mask, &err);
	if (st == ASSAY_OK && o.state != NULL)
		st = write_state(&from, &o, &err);
	if (st == ASSAY_OK)
		st = load(&from, &s, &err);
	if (st == ASSAY_OK)
		st = asy_sim_run(s, &r, &err);
	if (st == ASSAY_OK)
		st = write_outputs(s, &r, &o, &err);
	asy_sim_result_fini(&r);
	asy_sim_free(s);
	return st == ASSAY_OK ? 0 : asy_front_fail("yuma simulate", st, &err);
}
