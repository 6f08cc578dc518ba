// Runs a workflow of n8n without n8n: its expressions, its JavaScript and its requests, as the nodes of n8n do it. What this does not know
// it refuses, so that nothing of a workflow goes untried.
import { runInNewContext } from 'node:vm';

const plain = (value) => JSON.parse(JSON.stringify(value)); // items are JSON, and of this realm

/**
 * Runs the nodes from the trigger on, and returns the items of each node that ran. credentials are by name, memory is the workflow's static
 * data. A node that fails ends the run with an error that names it.
 */
export async function replay(workflow, { fetch = globalThis.fetch, credentials = {}, memory = {} }) {
  const ran = {};
  const nodes = Object.fromEntries(workflow.nodes.map((node) => [node.name, node]));
  const trigger = workflow.nodes.find((node) => /trigger$/i.test(node.type));
  const due = [[trigger.name, [{ json: {} }]]];
  while (due.length > 0) {
    const [name, items] = due.shift();
    const node = nodes[name];
    const run = { items, ran, fetch, credentials, memory };
    for (let tries = node.retryOnFail ? node.maxTries : 1; ; tries--) {
      try {
        ran[name] = plain(await kinds[node.type](node, run));
        break;
      } catch (err) {
        if (tries <= 1) throw new Error(`${name}: ${err.message}`, { cause: err });
      }
    }
    if (ran[name].length === 0) continue; // n8n goes on with items only
    for (const { node: next } of workflow.connections[name]?.main.flat() ?? []) due.push([next, ran[name]]);
  }
  return ran;
}

const kinds = {
  'n8n-nodes-base.scheduleTrigger': () => [{ json: { timestamp: new Date().toISOString() } }],

  'n8n-nodes-base.set': ({ parameters }, run) => {
    only(parameters, 'mode', 'assignments', 'options');
    return run.items.map((item) => ({
      json: Object.fromEntries(parameters.assignments.assignments.map(({ name, value }) => [name, evaluate(value, scope(run, item))])),
    }));
  },

  'n8n-nodes-base.code': async ({ parameters }, run) => {
    only(parameters, 'mode', 'language', 'jsCode');
    const items = await runInNewContext(`(async () => {${parameters.jsCode}\n})()`, {
      ...scope(run, run.items[0]), $getWorkflowStaticData: () => run.memory,
    });
    if (!Array.isArray(items) || items.some((item) => typeof item.json !== 'object')) throw new Error('code returns a list of items with json');
    return items;
  },

  'n8n-nodes-base.httpRequest': async (node, run) => {
    const items = [];
    for (const item of run.items) {
      for (const answer of await pages(node, item, run)) items.push(...[answer].flat().map((json) => ({ json })));
    }
    return items;
  },
};

function only(parameters, ...names) {
  for (const name of Object.keys(parameters)) if (!names.includes(name)) throw new Error(`the replay does not know ${name}`);
}

/** The names that expressions and code know. */
function scope({ items, ran }, item) {
  const node = (name) => {
    if (!ran[name]) throw new Error(`no node ${name} has run`);
    return { first: () => ran[name][0], last: () => ran[name].at(-1), all: () => ran[name] };
  };
  return {
    $json: item?.json, $: node, $node: new Proxy({}, { get: (_, name) => node(name).first() }),
    $input: { all: () => items, first: () => items[0], last: () => items.at(-1), item },
  };
}

/** Evaluates a parameter's text: after = it is a template, and a single expression keeps its type. */
function evaluate(value, names) {
  if (typeof value !== 'string' || !value.startsWith('=')) return value;
  const run = (code) => runInNewContext(`(${code})`, names);
  const whole = /^=\s*\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(value);
  return whole ? run(whole[1]) : value.slice(1).replace(/\{\{(.*?)\}\}/gs, (_, code) => run(code));
}

/** The answers to one item: more than one where the node asks for pages. */
async function pages({ parameters, credentials }, item, run) {
  only(
    parameters, 'method', 'url', 'authentication', 'genericAuthType', 'sendQuery', 'queryParameters', 'sendHeaders', 'headerParameters',
    'sendBody', 'contentType', 'specifyBody', 'bodyParameters', 'options',
  );
  only(parameters.options ?? {}, 'pagination');
  const names = scope(run, item);
  const pairs = (is, given) => Object.fromEntries((is ? given?.parameters ?? [] : []).map(({ name, value }) => [name, evaluate(value, names)]));
  const request = {
    method: parameters.method ?? 'GET', url: evaluate(parameters.url, names), query: pairs(parameters.sendQuery, parameters.queryParameters),
    headers: pairs(parameters.sendHeaders, parameters.headerParameters),
    fields: parameters.sendBody && pairs(true, parameters.bodyParameters), isForm: parameters.contentType === 'form-urlencoded',
  };
  if (parameters.authentication === 'genericCredentialType') {
    const secret = run.credentials[credentials?.[parameters.genericAuthType]?.name];
    if (!secret || parameters.genericAuthType !== 'httpCustomAuth') throw new Error('there is no such credential');
    Object.assign(request.headers, secret.headers);
    Object.assign(request.query, secret.qs);
    request.secretFields = secret.body;
  }
  const pagination = parameters.options?.pagination?.pagination;
  if (!pagination) return [(await send(request, run)).body];
  const answers = [];
  for (let $pageCount = 0; ;) {
    const query = { ...request.query };
    for (const { type, name, value } of pagination.parameters.parameters) {
      if (type !== 'qs') throw new Error(`the replay pages by no ${type}`);
      query[name] = evaluate(value, { ...names, $pageCount });
    }
    const $response = await send({ ...request, query }, run);
    answers.push($response.body);
    $pageCount++; // before the end is looked for
    if (pagination.limitPagesFetched && $pageCount >= pagination.maxRequests) return answers;
    if (evaluate(pagination.completeExpression, { ...names, $pageCount, $response })) return answers;
  }
}

async function send({ method, url, query, headers, fields, isForm, secretFields }, { fetch }) {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  const sent = new Headers(headers);
  let body;
  // n8n sends the fields of a form and those of a credential as a form only if a header says so, or if there are none of the latter.
  if (fields && isForm && (sent.get('content-type') === 'application/x-www-form-urlencoded' || !secretFields)) {
    body = new URLSearchParams({ ...secretFields, ...fields });
  } else if (fields || secretFields) {
    body = JSON.stringify({ ...secretFields, ...fields });
    if (!sent.has('content-type')) sent.set('content-type', 'application/json');
  }
  const response = await fetch(target.href, { method, headers: sent, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${target.origin}${target.pathname}: ${response.status} ${text.slice(0, 200)}`);
  const isJson = response.headers.get('content-type')?.includes('json');
  return { statusCode: response.status, body: isJson ? JSON.parse(text) : { data: text } };
}
