/* Offset and size of every field of the plugin contract, in one constant table.
 * Never run: layout_check.sh takes the table's bytes out of the object file, so that
 * a cross compiler is enough to check another machine. */
#include <assay/plugin.h>

typedef struct {
	char name[56];
	uint32_t offset, size;
} layout_row;

#define F(type, field)                                                                             \
	{                                                                                              \
#type "." #field, (uint32_t)offsetof(type, field), (uint32_t)sizeof(((type *)0)->field)    \
	}
#define S(type)                                                                                    \
	{                                                                                              \
#type, 0, (uint32_t)sizeof(type)                                                           \
	}

extern const layout_row layout_table[];
const layout_row layout_table[] = {
	S(assay_bytes),
	F(assay_bytes, ptr),
	F(assay_bytes, len),
	S(assay_plugin_info),
	F(assay_plugin_info, size),
	F(assay_plugin_info, abi),
	F(assay_plugin_info, id),
	F(assay_plugin_info, version),
	F(assay_plugin_info, name),
	F(assay_plugin_info, summary),
	F(assay_plugin_info, licence),
	F(assay_plugin_info, vendor),
	F(assay_plugin_info, task_kind),
	F(assay_plugin_info, caps),
	F(assay_plugin_info, needs),
	F(assay_plugin_info, score_min),
	F(assay_plugin_info, score_max),
	F(assay_plugin_info, tolerance),
	F(assay_plugin_info, higher_is_better),
	F(assay_plugin_info, component_n),
	F(assay_plugin_info, component_name),
	F(assay_plugin_info, config_schema),
	F(assay_plugin_info, mem_hint),
	F(assay_plugin_info, ms_hint),
	F(assay_plugin_info, max_batch),
	S(assay_host_api),
	F(assay_host_api, size),
	F(assay_host_api, abi),
	F(assay_host_api, h),
	F(assay_host_api, log),
	F(assay_host_api, fail),
	F(assay_host_api, mono_ns),
	F(assay_host_api, cancelled),
	F(assay_host_api, random),
	F(assay_host_api, scratch),
	F(assay_host_api, cache_dir),
	F(assay_host_api, threads),
	F(assay_host_api, zero),
	F(assay_host_api, extension),
	S(assay_round_info),
	F(assay_round_info, size),
	F(assay_round_info, zero),
	F(assay_round_info, round),
	F(assay_round_info, block),
	F(assay_round_info, deadline_ns),
	F(assay_round_info, seed),
	S(assay_challenge),
	F(assay_challenge, prompt),
	F(assay_challenge, reference),
	F(assay_challenge, meta_json),
	S(assay_response),
	F(assay_response, body),
	F(assay_response, identity),
	F(assay_response, challenge),
	F(assay_response, miner),
	F(assay_response, status),
	F(assay_response, latency_ms),
	S(assay_batch),
	F(assay_batch, size),
	F(assay_batch, challenge_n),
	F(assay_batch, response_n),
	F(assay_batch, challenge),
	F(assay_batch, response),
	F(assay_batch, challenge_stride),
	F(assay_batch, response_stride),
	S(assay_scores),
	F(assay_scores, size),
	F(assay_scores, component_n),
	F(assay_scores, score),
	F(assay_scores, flag),
	F(assay_scores, component),
	S(assay_plugin_api),
	F(assay_plugin_api, size),
	F(assay_plugin_api, zero),
	F(assay_plugin_api, open),
	F(assay_plugin_api, close),
	F(assay_plugin_api, score_batch),
	F(assay_plugin_api, make_challenges),
	F(assay_plugin_api, state_save),
	F(assay_plugin_api, state_load),
	F(assay_plugin_api, extension),
	S(assay_plugin_desc),
	F(assay_plugin_desc, magic),
	F(assay_plugin_desc, size),
	F(assay_plugin_desc, abi),
	F(assay_plugin_desc, zero),
	F(assay_plugin_desc, info),
	F(assay_plugin_desc, api),
	{"end", 0, 0},
};
