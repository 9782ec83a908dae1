/* settings.c - reads the configuration. The schema has the same defaults; a test
 * compares the two. */
#include "settings.h"
#include "common/config.h"

assay_rc ranking_settings_read(ranking_settings *s, assay_bytes json, const assay_host_api *host)
{
	static const char *const forms[] = {"auto", "linear", "exponential"};
	static const char *const too_many[] = {"refuse", "truncate"};
	plg_config c;
	plg_config_begin(&c, json);
	s->depth = (size_t)plg_config_int(&c, "depth", 10, 1, 1000);
	s->form = (ranking_form)plg_config_choice(&c, "gain", forms, 3, RANKING_FORM_AUTO);
	s->relevant_from = plg_config_num(&c, "relevant_from", 1, 0.001, 30);
	s->truncate = plg_config_choice(&c, "too_many", too_many, 2, 0) == 1;
	s->rbo_p = plg_config_num(&c, "rbo_p", 0.9, 0.01, 0.999);
	s->max_body_bytes = (size_t)plg_config_int(&c, "limits.bytes", 65536, 64, 4194304);
	s->latency_weight = plg_config_num(&c, "latency.weight", 0.1, 0, 0.3);
	s->deadline_ms = (uint32_t)plg_config_int(&c, "latency.deadline_ms", 5000, 0, 600000);
	return plg_config_end(&c, host);
}
