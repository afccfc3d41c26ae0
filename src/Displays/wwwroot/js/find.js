// Finds services where they are typed, as ServiceSearch does on the server: names before aliases before initials before the English name, of each what is just that first.

const plain = text => (text ?? '').replace(/\s/g, '').toLowerCase();

/** The services that fit, best first; none for nothing typed. */
export function findServices(services, typed) {
  const wanted = plain(typed);
  if (!wanted) return [];
  const latin = /^[a-z0-9]+$/.test(wanted);
  const rankOf = service => Math.min(
    fit(plain(service.name.zh), wanted, 0), fit(plain(service.name.en), wanted, 9),
    ...service.alias.map(alias => fit(plain(alias), wanted, 3)), ...(latin ? service.keys.map(key => fit(key, wanted, 6)) : []));
  return services.map(service => ({ service, rank: rankOf(service) })).filter(found => found.rank < Infinity).sort((a, b) => a.rank - b.rank).map(found => found.service);
}

function fit(text, wanted, from) {
  return text === wanted ? from : text.startsWith(wanted) ? from + 1 : text.includes(wanted) ? from + 2 : Infinity;
}
