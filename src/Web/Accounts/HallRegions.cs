using System.Collections.Concurrent;
using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Feeds;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Accounts;

/// <summary>
/// A region by its way from the top, Chinese names joined by slashes: <c>江苏省/南通市</c>. A name alone would not do: many cities have a district of the same name.
/// </summary>
public readonly record struct RegionPath(string Value)
{
    // As many levels and letters as a hall document may have.
    private const int MaxLevels = 10;
    private const int MaxNameLength = 200;

    public static bool TryParse(string? text, out RegionPath path)
    {
        path = new RegionPath(text ?? "");
        return text is not null && text.Split('/') is { Length: <= MaxLevels } names
            && names.All(n => n.Length is > 0 and <= MaxNameLength && n.Trim() == n && !n.Any(char.IsControl));
    }

    /// <summary>Where a hall is; null where its document names no region. A name with a slash in it ends the way, so that no other region's way is ever built from it.</summary>
    public static RegionPath? Of(IReadOnlyList<Text> region)
    {
        var value = string.Join('/', region.Select(r => r.Zh).TakeWhile(n => !n.Contains('/', StringComparison.Ordinal)));
        return value.Length == 0 ? null : new RegionPath(value);
    }

    /// <summary>Whether the other is this region or lies in it.</summary>
    public bool Includes(RegionPath other) =>
        other.Value.StartsWith(Value, StringComparison.Ordinal) && (other.Value.Length == Value.Length || other.Value[Value.Length] == '/');
}

/// <summary>The regions of a role, compared with where halls are at the moment of the question: a hall imported later is covered at once.</summary>
public sealed class RegionScope(IReadOnlyList<RegionPath> paths, HallRegions halls)
{
    public IReadOnlyList<RegionPath> Paths => paths;

    public bool Contains(HallId hall)
    {
        if (halls.Find(hall) is not { } at) return false;
        foreach (var path in paths)
            if (path.Includes(at)) return true;
        return false;
    }
}

/// <summary>
/// Where every hall is, in memory: rights ask for it at every request. Read from the list of halls at the start, then told by the halls of this process themselves; of those that other processes
/// run the list is read again when it has changed. A hall that is not known here lies nowhere, so no region's role covers it. Safe from any thread.
/// </summary>
public sealed class HallRegions(IDbContextFactory<HallOpsDb> databases) : IHearsNews
{
    private readonly ConcurrentDictionary<HallId, Place> _halls = new();

    string IHearsNews.Of => News.Hall;

    public RegionPath? Find(HallId hall) => _halls.GetValueOrDefault(hall)?.Region;

    /// <summary>What its clocks show; null for one that has not said it yet.</summary>
    public TimeZoneInfo? ZoneOf(HallId hall) => _halls.GetValueOrDefault(hall)?.Zone;

    public Task LoadAsync(CancellationToken cancel = default) => ReadAsync(null, cancel);

    Task IHearsNews.HearAsync(string which, CancellationToken cancel) => ReadAsync(which, cancel);

    Task IHearsNews.ReadAnewAsync(CancellationToken cancel) => ReadAsync(null, cancel);

    /// <param name="one">Null: all of them.</param>
    private async Task ReadAsync(string? one, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        await database.Database.OpenConnectionAsync(cancel);
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"SELECT hall, region, zone, sequence FROM halls{(one is null ? "" : " WHERE hall = @hall")}";
        if (one is not null)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("hall", one);
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var hall = new HallId(reader.GetString(0));
            RegionPath? region = reader.IsDBNull(1) ? null : RegionPath.Of(JsonSerializer.Deserialize<List<Text>>(reader.GetString(1), FeedJson.Options)!);
            var zone = !reader.IsDBNull(2) && TimeZoneInfo.TryFindSystemTimeZoneById(reader.GetString(2), out var found) ? found : null;
            var sequence = reader.GetInt64(3);
            // A hall of this process said it before the list had it.
            _halls.AddOrUpdate(hall, static (_, listed) => listed.Place, static (_, was, listed) => was.Told > listed.Sequence ? was : listed.Place, (Place: new Place(region, zone, 0), Sequence: sequence));
        }
    }

    /// <summary>What stands between the halls and the next one they tell: hears where they are.</summary>
    public IConfirmedEvents Before(IConfirmedEvents next) => new Listening(this, next);

    private static Place PlaceOf(HallState state) => new(RegionPath.Of(state.Settings.Region), state.Settings.Calendar.Zone, state.Sequence);

    /// <param name="Told">The hall's sequence where it said so itself; 0: from the list.</param>
    private sealed record Place(RegionPath? Region, TimeZoneInfo? Zone, long Told);

    private sealed class Listening(HallRegions regions, IConfirmedEvents next) : IConfirmedEvents
    {
        // By hall; each on its own turn.
        private readonly ConcurrentDictionary<uint, (HallId Hall, Place Place)> _decided = [];

        public void Decided(HallState state, HallEvent @event)
        {
            if (@event is HallConfigured) _decided[state.Number] = (state.Settings.Hall, PlaceOf(state));
            next.Decided(state, @event);
        }

        public void Confirmed(uint hall, long upTo)
        {
            if (_decided.TryGetValue(hall, out var configured) && configured.Place.Told <= upTo && _decided.TryRemove(hall, out _)) regions._halls[configured.Hall] = configured.Place;
            next.Confirmed(hall, upTo);
        }

        public void Loaded(HallState state)
        {
            _decided.TryRemove(state.Number, out _);
            regions._halls[state.Settings.Hall] = PlaceOf(state);
            next.Loaded(state);
        }
    }
}
