// Checks a workflow against the parameters that n8n's nodes have: what n8n does not know it passes over in silence.
import { readFileSync } from 'node:fs';

const nodeTypes = JSON.parse(readFileSync(new URL('node-parameters.json', import.meta.url))).nodes;
const nodeMembers = ['id', 'name', 'type', 'typeVersion', 'position', 'parameters', 'credentials', 'notes', 'retryOnFail', 'maxTries', 'waitBetweenTries'];

/** Returns what is wrong with a workflow, a sentence each. */
export function check(workflow) {
  const wrong = [];
  const names = workflow.nodes.map((node) => node.name);
  for (const node of workflow.nodes) {
    const say = (text) => wrong.push(`${node.name}: ${text}`);
    const type = nodeTypes[node.type];
    if (!type?.versions.includes(node.typeVersion)) {
      say(`${node.type} ${node.typeVersion} is not noted`);
      continue;
    }
    for (const member of Object.keys(node)) if (!nodeMembers.includes(member)) say(`nodes have no ${member}`);
    if (names.indexOf(node.name) !== names.lastIndexOf(node.name)) say('two nodes have this name');
    checkMembers(type.parameters, node.parameters, { node, type, root: type.parameters, say }, '');
    for (const kind of Object.keys(node.credentials ?? {})) {
      if (kind !== node.parameters.genericAuthType) say(`the credential ${kind} is not used`);
    }
  }
  const reached = new Set();
  for (const [from, { main, ...others }] of Object.entries(workflow.connections)) {
    if (!names.includes(from) || main.length !== 1 || Object.keys(others).length > 0) wrong.push(`${from}: is no node with one output`);
    for (const { node: to, type, index } of main.flat()) {
      if (!names.includes(to) || type !== 'main' || index !== 0) wrong.push(`${from}: leads to ${to}, ${type} ${index}, which is not there`);
      reached.add(to);
    }
  }
  for (const node of workflow.nodes) if (!reached.has(node.name) && !/trigger$/i.test(node.type)) wrong.push(`${node.name}: nothing leads to it`);
  return wrong;
}

function checkMembers(parameters, values, scope, path) {
  for (const [name, value] of Object.entries(values)) {
    const named = parameters.filter((p) => p.name === name);
    const there = named.filter((p) => isThere(p, parameters, values, scope));
    if (named.length === 0) scope.say(`there is no parameter ${path}${name}`);
    else if (there.length === 0) scope.say(`${path}${name} is not used beside these values of others`);
    else checkValue(there[0], value, scope, path + name);
  }
}

/** Whether the values of other parameters let a parameter appear. */
function isThere({ show = {}, hide = {} }, siblings, values, { node, root }) {
  const valueOf = (name, all, of) => of[name] ?? all.find((p) => p.name === name && 'default' in p)?.default;
  const holds = ([name, wanted]) => wanted.includes(
    name === '@version' ? node.typeVersion : name.startsWith('/') ? valueOf(name.slice(1), root, node.parameters) : valueOf(name, siblings, values),
  );
  return Object.entries(show).every(holds) && !Object.entries(hide).some(holds);
}

function checkValue(parameter, value, scope, path) {
  const { type, values, min = -Infinity, max = Infinity } = parameter;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const refuse = () => scope.say(`${path} cannot be ${JSON.stringify(value)}`);
  if (type === 'fixedCollection' || type === 'collection' || type === 'assignmentCollection') {
    if (!isObject) refuse();
    else if (type === 'collection') checkMembers(parameter.parameters, value, scope, `${path}.`);
    else if (type === 'assignmentCollection') checkAssignments(values, value, scope, path);
    else checkGroups(parameter.groups, value, scope, path);
  } else if (typeof value === 'string' && value.startsWith('=')) {
    if (!/\{\{.+\}\}/s.test(value)) refuse();
  } else {
    const fits = {
      string: () => typeof value === 'string' && !value.includes('{{'), // without = braces are text
      json: () => typeof value === 'string',
      boolean: () => typeof value === 'boolean',
      number: () => typeof value === 'number' && value >= min && value <= max,
      options: () => values.includes(value),
      multiOptions: () => Array.isArray(value) && value.every((v) => values.includes(v)),
      credential: () => scope.type.credentials.includes(value) && scope.node.credentials?.[value] !== undefined,
    };
    if (!fits[type]()) refuse();
  }
}

function checkGroups(groups, value, scope, path) {
  for (const [name, rows] of Object.entries(value)) {
    const group = groups[name];
    if (!group) scope.say(`there is no parameter ${path}.${name}`);
    else if (Array.isArray(rows) !== Boolean(group.many)) scope.say(`${path}.${name} cannot be ${JSON.stringify(rows)}`);
    else for (const row of [rows].flat()) checkMembers(group.parameters, row, scope, `${path}.${name}.`);
  }
}

function checkAssignments(types, value, scope, path) {
  for (const [name, rows] of Object.entries(value)) {
    for (const row of rows) {
      if (name !== 'assignments' || Object.keys(row).sort().join() !== 'id,name,type,value' || !types.includes(row.type)) {
        scope.say(`${path}.${name} cannot be ${JSON.stringify(row)}`);
      }
    }
  }
}
