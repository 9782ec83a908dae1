/* Asks a few miners one challenge, exactly as a round asks, and has the answers scored. Says
 * whether route, dialect, key and clock are what the miners expect, and whether the plugin
 * understands what comes back. Nothing is recorded.
 * Reason to change: a round asks in another way. */
#include <stdlib.h>
#include "front/impl.h"

#define PROBE_MINERS 16u

typedef struct {
	asy_question question; /* borrows from the dataset, or from made */
	asy_plugin_challenges made;
	asy_target target[PROBE_MINERS];
	size_t n;
	asy_buf answer[PROBE_MINERS];
	bool answered[PROBE_MINERS];
	char first_trouble[80];
} probe;

static assay_status choose_question(const asy_check_subject *s, asy_rng *rng, probe *p,
									assay_err *err)
{
	asy_plugin_round round = {.round = 1};
	if (s->dataset != NULL) {
		(void)asy_dataset_draw(s->dataset, rng, 1, &p->question);
		return ASSAY_OK;
	}
	rng->fill(rng, round.seed, sizeof round.seed);
	assay_status st = asy_plugin_make(s->plugin, &round, 1, &p->made, err);
	if (st == ASSAY_OK && p->made.challenge_n == 0)
		st = ASSAY_FAIL(err, E_PLUGIN, "the plugin made no challenge");
	if (st == ASSAY_OK) {
		const asy_plugin_challenge *made = &p->made.challenge[0];
		p->question = (asy_question){"probe", made->prompt, made->reference, made->meta_json};
	}
	return st;
}

/* A random few of those that may be asked. */
static assay_status choose_targets(const asy_check_subject *s, const assay_snapshot *snap,
								   asy_rng *rng, probe *p, assay_err *err)
{
	asy_account own;
	uint8_t seed[32];
	uint32_t *order = asy_calloc(snap->n, sizeof *order);
	if (order == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu neurons", snap->n);
	for (size_t i = 0; i < snap->n; i++)
		order[i] = (uint32_t)i;
	rng->fill(rng, seed, sizeof seed);
	asy_miner_shuffle(order, snap->n, seed);
	asy_key_public(s->key, own.b);
	for (size_t i = 0; i < snap->n && p->n < PROBE_MINERS; i++) {
		const asy_neuron *n = &snap->neuron[order[i]];
		if (!asy_account_eq(&n->hotkey, &own) &&
			asy_round_reach(n, (uint16_t)order[i], s->o->query.allow_private, &p->target[p->n]) ==
				ASY_REACH_OK)
			p->n++;
	}
	free(order);
	return p->n > 0 ? ASSAY_OK : ASSAY_FAIL(err, E_EMPTY, "there is no miner to ask");
}

static assay_status on_outcome(void *arg, const asy_outcome *o, assay_err *err)
{
	probe *p = arg;
	(void)err;
	if (o->cls == ASY_REPLY_OK) {
		p->answer[o->tag] = *o->body;
		p->answered[o->tag] = true;
		*o->body = (asy_buf){0};
	} else if (p->first_trouble[0] == '\0') {
		(void)snprintf(p->first_trouble, sizeof p->first_trouble, "uid %u: %s", o->uid,
					   asy_why_name(o->why));
	}
	return ASSAY_OK;
}

static assay_status ask(const asy_check_subject *s, asy_front_net *net, asy_rng *rng, probe *p,
						asy_fanout_summary *sum, assay_err *err)
{
	const asy_options *o = s->o;
	asy_query query[PROBE_MINERS];
	asy_buf body = {0};
	asy_nonce nonce = {0};
	asy_caller caller;
	assay_status st =
		asy_round_query_body(asy_plugin_info(s->plugin)->task_kind, &p->question, &body, err);
	for (size_t i = 0; i < p->n; i++)
		query[i] = (asy_query){&p->target[i], o->query.route, asy_buf_span(&body), i};
	const asy_fanout_opts opts = {
		.deadline_mono_ns = asy_loop_deadline(net->loop, o->query.deadline_ms * 2),
		.timeout_ms = o->query.deadline_ms,
		.connect_timeout_ms = o->query.connect_timeout_ms,
		.max_response_bytes = o->query.max_response_bytes,
		.allow_private = o->query.allow_private,
	};
	asy_caller_init(&caller, s->key, &nonce, asy_sys_clock(), rng);
	if (st == ASSAY_OK)
		st = asy_fanout_run(net->http, asy_dialect_find(o->query.dialect), &caller, query, p->n,
							&opts, on_outcome, p, sum, err);
	asy_buf_fini(&body);
	return st;
}

static assay_status score(const asy_check_subject *s, asy_rng *rng, const probe *p,
						  asy_plugin_row row[PROBE_MINERS], size_t *n, assay_err *err)
{
	asy_plugin_round round = {.round = 1};
	const asy_plugin_challenge challenge = {.prompt = p->question.prompt,
											.reference = p->question.reference,
											.meta_json = p->question.meta};
	asy_plugin_response response[PROBE_MINERS];
	asy_plugin_results res = {.row = row};
	rng->fill(rng, round.seed, sizeof round.seed);
	*n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->answered[i])
			response[(*n)++] =
				(asy_plugin_response){.body = asy_buf_span(&p->answer[i]), .miner = (uint32_t)i};
	const asy_plugin_batch batch = {&challenge, 1, response, *n};
	return asy_plugin_score(s->plugin, &round, &batch, &res, err);
}

static void report_scores(asy_front_checks *c, const asy_plugin_row *row, size_t n)
{
	size_t scored = 0, good = 0;
	for (size_t i = 0; i < n; i++) {
		scored += row[i].flag == ASY_ROW_SCORED;
		good += row[i].flag == ASY_ROW_SCORED && row[i].value > 0;
	}
	if (good > 0)
		asy_check_say(c, "scores", ASY_CHECK_OK, ASSAY_OK, "%zu of %zu answers score above nothing",
					  good, n);
	else
		asy_check_say(c, "scores", ASY_CHECK_NOTE, ASSAY_OK,
					  "the plugin judged %zu of %zu answers, and none is worth anything: are "
					  "these miners, challenges and plugin of one task?",
					  scored, n);
}

static void report(asy_front_checks *c, const asy_check_subject *s, asy_rng *rng, const probe *p,
				   const asy_fanout_summary *sum)
{
	asy_plugin_row row[PROBE_MINERS] = {0};
	assay_err err = {0};
	size_t n = 0, refused = sum->by_why[ASY_WHY_AUTH] + sum->by_why[ASY_WHY_FORBIDDEN];
	if (sum->ok == 0) {
		asy_check_say(c, "probe", ASY_CHECK_BAD, ASSAY_E_NET,
					  "none of %zu miners answered %s%s; %s", p->n, s->o->query.route,
					  refused * 2 > sum->answered
						  ? ": most refused us, so check clock, hotkey and stake"
						  : ": check query.route and query.dialect with the subnet's documents",
					  p->first_trouble);
		return;
	}
	asy_check_say(c, "probe", ASY_CHECK_OK, ASSAY_OK, "%zu of %zu miners answered %s%s%s", sum->ok,
				  p->n, s->o->query.route, sum->ok < p->n ? "; of the others, " : "",
				  p->first_trouble);
	assay_status st = score(s, rng, p, row, &n, &err);
	if (st == ASSAY_OK)
		report_scores(c, row, n);
	else
		(void)asy_check_result(c, "scores", st, "", &err);
}

void asy_check_probe(asy_front_checks *c, asy_check_subject *s, asy_front_net *net,
					 const assay_snapshot *snap)
{
	probe p = {0};
	asy_fanout_summary sum = {0};
	asy_rng *rng = asy_sys_rng();
	assay_err err = {0};
	assay_status st = choose_question(s, rng, &p, &err);
	if (st == ASSAY_OK)
		st = choose_targets(s, snap, rng, &p, &err);
	if (st == ASSAY_OK)
		st = ask(s, net, rng, &p, &sum, &err);
	if (st == ASSAY_OK)
		report(c, s, rng, &p, &sum);
	else
		(void)asy_check_result(c, "probe", st, "", &err);
	for (size_t i = 0; i < p.n; i++)
		asy_buf_fini(&p.answer[i]);
	asy_plugin_challenges_fini(&p.made);
}
