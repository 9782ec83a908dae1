/* The storage items this program reads, looked up by name once a spec version: pallet,
 * hashers' key types and value shape must be what the decoders here expect. An item that is
 * missing or different is left out, with what that costs; nothing stops for it here.
 * Reason to change: an item is added, or the chain changes one's shape. */
#include "chain/impl.h"

static const struct {
	const char *pallet, *name, *keys, *value;
} table[ITEM_N] = {
#define ASY_ITEM_ROW(id, pallet, name, keys, value) {pallet, name, keys, value},
	ASY_ITEMS(ASY_ITEM_ROW)
#undef ASY_ITEM_ROW
};

/* In the order of search: the first that names the item. */
static const char forecast[] = "no epoch is forecast";
static const struct {
	asy_item item;
	const char *costs;
} costs[] = {
	{ITEM_NETWORKS_ADDED, "no subnet can be read"},
	{ITEM_SUBNETWORK_N, "no subnet can be read"},
	{ITEM_KEYS, "no subnet can be read"},
	{ITEM_UIDS, "nobody's uid can be read"},
	{ITEM_TEMPO, "no epoch can be foreseen"},
	{ITEM_EVENTS, "nothing that was sent can be followed"},
	{ITEM_AXONS, "no miner can be asked"},
	{ITEM_LAST_UPDATE, "the rate limit cannot be foreseen"},
	{ITEM_COMMIT_REVEAL, "weights are set directly"},
	{ITEM_WEIGHT_COMMITS, "no commitment can be followed"},
	{ITEM_TIMELOCKED, "commitments of others are not seen; ours are sealed by hash"},
	{ITEM_BEACON, "ours are sealed by hash"},
	{ITEM_NOW, "the time of a block is not known"},
	{ITEM_OWNER, "coldkeys are not known"},
	{ITEM_OWNER_HOTKEY, "the owner's neuron is not known"},
	{ITEM_WEIGHTS, forecast},
	{ITEM_BONDS, forecast},
	{ITEM_REGISTERED_AT, forecast},
	{ITEM_PERMIT, forecast},
	{ITEM_KAPPA, forecast},
	{ITEM_RHO, forecast},
	{ITEM_BONDS_AVERAGE, forecast},
	{ITEM_BONDS_PENALTY, forecast},
	{ITEM_BONDS_RESET, forecast},
	{ITEM_LIQUID_ALPHA, forecast},
	{ITEM_YUMA3, forecast},
	{ITEM_ALPHA_VALUES, forecast},
	{ITEM_STEEPNESS, forecast},
	{ITEM_MAX_VALIDATORS, forecast},
	{ITEM_CUTOFF, forecast},
	{ITEM_CUTOFF_FACTOR, forecast},
	{ITEM_HOTKEY_ALPHA, forecast},
	{ITEM_HOTKEY_STAKE, "stakes are not known where they are one number a hotkey"},
	{ITEM_PARENT_KEYS, forecast},
	{ITEM_CHILD_KEYS, forecast},
	{ITEM_SUSPENDED, forecast},
	{ITEM_LIQUID_MODE, forecast},
	{ITEM_EPOCH_CONSENSUS, "no epoch is forecast and nothing is sent"},
	{ITEM_STORED_CONSENSUS, forecast},
	{ITEM_LAST_YUMA_STEP, forecast},
};

/* Key shapes are listed with spaces between: as many as the map has hashers. */
static assay_status check_keys(const asy_metadata *m, const asy_storage_item *it, const char *keys,
							   assay_err *err)
{
	uint8_t n = 0;
	for (const char *p = keys; *p != '\0'; n++) {
		char shape[32];
		size_t len = strcspn(p, " ");
		ASSERT(len < sizeof shape);
		memcpy(shape, p, len);
		shape[len] = '\0';
		if (n >= it->keys_n)
			return ASSAY_FAIL(err, E_UNSUPPORTED, "it has %u keys in this runtime", it->keys_n);
		assay_status st = asy_metadata_expect(m, it->key_type[n], shape, "a key", err);
		if (st != ASSAY_OK)
			return st;
		p += len + (p[len] == ' ' ? 1 : 0);
	}
	if (n != it->keys_n)
		return ASSAY_FAIL(err, E_UNSUPPORTED, "it has %u keys in this runtime, not %u", it->keys_n,
						  n);
	return ASSAY_OK;
}

/* Any of the shapes listed with spaces between; the last one's complaint is kept. */
static assay_status check_value(const asy_metadata *m, uint32_t type, const char *shapes,
								assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (const char *p = shapes; *p != '\0';) {
		char shape[64];
		size_t len = strcspn(p, " ");
		ASSERT(len < sizeof shape);
		memcpy(shape, p, len);
		shape[len] = '\0';
		st = asy_metadata_expect(m, type, shape, "its value", err);
		if (st == ASSAY_OK)
			return st;
		p += len + (p[len] == ' ' ? 1 : 0);
	}
	return st;
}

void asy_items_resolve(const asy_metadata *m, asy_items *out)
{
	*out = (asy_items){{NULL}, {NULL}, {{'\0'}}};
	for (size_t i = 0; i < ITEM_N; i++) {
		assay_err why = {0};
		const asy_storage_item *it =
			asy_metadata_item(m, table[i].pallet, table[i].name, &out->pallet[i]);
		if (it == NULL)
			continue;
		assay_status st = check_keys(m, it, table[i].keys, &why);
		if (st == ASSAY_OK && table[i].value != NULL)
			st = check_value(m, it->value, table[i].value, &why);
		else if (st == ASSAY_OK && i == ITEM_AXONS)
			st = asy_axon_expect(m, it->value, &why);
		if (st == ASSAY_OK)
			out->item[i] = it;
		else
			(void)snprintf(out->strange[i], sizeof out->strange[i], "%.150s", why.msg);
	}
}

const char *asy_item_name(asy_item item)
{
	static const char *const full[ITEM_N] = {
#define ASY_ITEM_FULL(id, pallet, name, keys, value) pallet "." name,
		ASY_ITEMS(ASY_ITEM_FULL)
#undef ASY_ITEM_FULL
	};
	return full[item];
}

const char *asy_item_cost(asy_item item)
{
	for (size_t i = 0; i < ASY_COUNT(costs); i++)
		if (costs[i].item == item)
			return costs[i].costs;
	return "its value is taken as the chain's default";
}

bool asy_items_forecast(const asy_items *items)
{
	for (size_t i = 0; i < ASY_COUNT(costs); i++)
		if (costs[i].costs == forecast && items->strange[costs[i].item][0] != '\0')
			return false;
	return items->item[ITEM_WEIGHTS] != NULL && items->item[ITEM_BONDS] != NULL &&
		   items->item[ITEM_HOTKEY_ALPHA] != NULL && items->item[ITEM_KAPPA] != NULL &&
		   items->item[ITEM_REGISTERED_AT] != NULL && items->item[ITEM_BONDS_AVERAGE] != NULL;
}

assay_status asy_items_need(const asy_items *items, const asy_item *which, size_t n, assay_err *err)
{
	for (size_t i = 0; i < n; i++) {
		asy_item k = which[i];
		if (items->item[k] != NULL)
			continue;
		if (items->strange[k][0] != '\0')
			return ASSAY_FAIL(err, E_UNSUPPORTED, "storage %s: %s", asy_item_name(k),
							  items->strange[k]);
		return ASSAY_FAIL(err, E_UNSUPPORTED, "this runtime has no storage %s", asy_item_name(k));
	}
	return ASSAY_OK;
}
