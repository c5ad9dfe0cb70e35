import { csvFields, cut } from "../../lib/csv.ts";

export type NetworkOption = {
  target: string;
  aliases: string[];
  driverOpts: Record<string, string>;
  ip: string;
  ip6: string;
  linkLocalIps: string[];
  mac: string;
  gwPriority: number;
};

/** --network: a name, or "name=x,alias=y,ip=…,ip6=…,mac-address=…,link-local-ip=…,driver-opt=k=v,gw-priority=n". */
export function networkOf(value: string): NetworkOption {
  const network: NetworkOption = {
    target: value,
    aliases: [],
    driverOpts: {},
    ip: "",
    ip6: "",
    linkLocalIps: [],
    mac: "",
    gwPriority: 0,
  };
  if (!/\w+=\w+(,\w+=\w+)*/.test(value)) return network;
  network.target = "";
  for (const field of csvFields(value)) {
    const [rawKey, rawText] = cut(field);
    if (rawText === undefined || rawKey === "") throw new Error(`invalid field ${field}`);
    set(network, rawKey.trim().toLowerCase(), rawText.trim());
  }
  if (network.target === "") throw new Error("network name/id is not specified");
  return network;
}

function set(network: NetworkOption, key: string, text: string): void {
  if (key === "name") network.target = text;
  else if (key === "alias") network.aliases.push(text);
  else if (key === "ip") network.ip = text;
  else if (key === "ip6") network.ip6 = text;
  else if (key === "mac-address") network.mac = text;
  else if (key === "link-local-ip") network.linkLocalIps.push(text);
  else if (key === "driver-opt") {
    const [name, option] = cut(text);
    if (option === undefined || name === "") throw new Error("invalid key value pair format in driver options");
    network.driverOpts[name.trim()] = option.trim();
  } else if (key === "gw-priority") {
    if (!/^-?\d+$/.test(text))
      throw new Error(`invalid gw-priority (${text}): strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    network.gwPriority = Number(text);
  } else throw new Error(`invalid field key ${key}`);
}
