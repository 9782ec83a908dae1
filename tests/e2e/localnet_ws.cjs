// An unmodified client, @polkadot/api, against the development chain over WebSocket:
// metadata, storage, heads, storage subscriptions, a signed extrinsic that is watched.
// Usage: node localnet_ws.cjs ws://127.0.0.1:PORT
'use strict';
const assert = require('assert');
const {ApiPromise, WsProvider, Keyring} = require('@polkadot/api');

const url = process.argv[2];

// Collects n messages of a subscription, then ends it.
function collect(n, begin) {
	return new Promise((resolve, reject) => {
		const seen = [];
		let end = null;
		begin((x) => {
			seen.push(x);
			if (seen.length === n) resolve({seen, end: () => end && end()});
		}).then((e) => { end = e; }, reject);
	});
}

async function main() {
	const provider = new WsProvider(url, 0);
	await provider.connect();
	const api = await ApiPromise.create({provider, throwOnConnect: true, noInitWarn: true});
	assert.strictEqual(api.genesisHash.toHex(), (await api.rpc.chain.getBlockHash(0)).toHex());
	const methods = (await api.rpc.rpc.methods()).methods.map((m) => m.toString());
	for (const m of ['chain_subscribeNewHeads', 'chain_subscribeFinalizedHeads',
			'state_subscribeStorage', 'author_submitAndWatchExtrinsic'])
		assert(methods.includes(m), m);

	const heads = await collect(3, (f) => api.rpc.chain.subscribeNewHeads(f));
	heads.end();
	for (const h of heads.seen)
		assert.strictEqual(h.hash.toHex(), (await api.rpc.chain.getBlockHash(h.number.unwrap())).toHex());
	for (let i = 1; i < 3; i++)
		assert.strictEqual(heads.seen[i].number.toNumber(), heads.seen[i - 1].number.toNumber() + 1);
	const final = await collect(2, (f) => api.rpc.chain.subscribeFinalizedHeads(f));
	final.end();
	assert.strictEqual(final.seen[1].number.toNumber(), final.seen[0].number.toNumber() + 1);

	const times = await collect(3, (f) => api.query.timestamp.now(f));
	times.end();
	assert(times.seen[2].toNumber() > times.seen[0].toNumber());
	const tempo = (await api.query.subtensorModule.tempo(1)).toNumber();
	assert(tempo > 0);

	// a batch in one message, and an unknown method
	const both = await Promise.all([api.rpc.system.chain(), api.rpc.system.version()]);
	assert(both[0].toString().length > 0);
	await assert.rejects(provider.send('no_such', []), /-32601/);

	const keyring = new Keyring({type: 'sr25519'});
	const key = keyring.addFromUri(process.argv[3] || '//Alice');
	const watched = await new Promise((resolve, reject) => {
		const seen = [];
		api.tx.subtensorModule.serveAxon(1, 1, 0x08080808, 8091, 4, 4, 0, 0)
			.signAndSend(key, (r) => {
				seen.push(r.status.type);
				if (r.status.isFinalized) resolve({seen, events: r.events});
			}).catch(reject);
	});
	assert(watched.seen.includes('InBlock') && watched.seen.includes('Finalized'), watched.seen.join());
	const names = watched.events.map(({event}) => `${event.section}.${event.method}`);
	assert(names.includes('subtensorModule.AxonServed'), names.join());
	assert(names.includes('system.ExtrinsicSuccess'), names.join());
	await api.disconnect();
	console.log(`heads, final heads, storage, a watched extrinsic (${watched.seen.join(', ')}): all as a node`);
}

main().then(() => process.exit(0), (e) => {
	console.error(e);
	process.exit(1);
});
