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
/// Where every hall is, in memory: rights ask for it at every request. Read from the list of halls at the start, then told by the halls themselves. A hall that is not known
/// here lies nowhere, so no region's role covers it. Safe from any thread.
/// </summary>
public sealed class HallRegions(IDbContextFactory<HallOpsDb> databases)
{
    private readonly ConcurrentDictionary<HallId, RegionPath> _halls = new();
    private readonly ConcurrentDictionary<HallId, TimeZoneInfo> _zones = new();

    public RegionPath? Find(HallId hall) => _halls.TryGetValue(hall, out var region) ? region : null;

    /// <summary>What its clocks show; null for one that has not said it yet.</summary>
    public TimeZoneInfo? ZoneOf(HallId hall) => _zones.GetValueOrDefault(hall);

    public async Task LoadAsync(CancellationToken cancel = default)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        await database.Database.OpenConnectionAsync(cancel);
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT hall, region, zone FROM halls";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var hall = new HallId(reader.GetString(0));
            if (!reader.IsDBNull(1)) Take(hall, JsonSerializer.Deserialize<List<Text>>(reader.GetString(1), FeedJson.Options)!);
            if (!reader.IsDBNull(2) && TimeZoneInfo.TryFindSystemTimeZoneById(reader.GetString(2), out var zone)) _zones[hall] = zone;
        }
    }

    /// <summary>What stands between the halls and the next one they tell: hears where they are.</summary>
    public IConfirmedEvents Before(IConfirmedEvents next) => new Listening(this, next);

    private void Take(HallId hall, IReadOnlyList<Text> region)
    {
        if (RegionPath.Of(region) is { } path) _halls[hall] = path;
        else _halls.TryRemove(hall, out _);
    }

    private void Take(HallSettings settings)
    {
        Take(settings.Hall, settings.Region);
        _zones[settings.Hall] = settings.Calendar.Zone;
    }

    private sealed class Listening(HallRegions regions, IConfirmedEvents next) : IConfirmedEvents
    {
        public void Confirmed(HallState state, HallEvent @event)
        {
            if (@event is HallConfigured) regions.Take(state.Settings);
            next.Confirmed(state, @event);
        }

        public void Loaded(HallState state)
        {
            regions.Take(state.Settings);
            next.Loaded(state);
        }
    }
}
