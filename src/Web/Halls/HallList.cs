using System.Text.Json;
using HallOps.Core.Halls;
using HallOps.Silo.Feeds;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Halls;

/// <summary>The halls as the list shows them. No sleeping hall is woken to be listed.</summary>
public interface IHallList
{
    /// <param name="region">Only halls that have this name, Chinese or English, among their regions, at any level; null: all.</param>
    /// <param name="near">Longitude and latitude in degrees: the nearest first, those without a place last; null: by number.</param>
    ValueTask<IReadOnlyList<HallListed>> ListAsync(string? region, (double Longitude, double Latitude)? near, CancellationToken cancel);

    /// <summary>Completes when the list shows the hall as of this sequence, or has not come to that within 2 s; never throws for that.</summary>
    ValueTask HasAsync(uint hall, long sequence, CancellationToken cancel);
}

/// <summary>The list from the table <c>halls</c>, which <see cref="HallOps.Silo.Projections.ReportProjection"/> fills.</summary>
internal sealed class SqlHallList(IDbContextFactory<HallOpsDb> databases, EngineHost engine, Settings settings, TimeProvider time) : IHallList
{
    // Whoever changed a hall looks for it in the list next; a database that does not answer by then must not look like a change that failed.
    private static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public async ValueTask<IReadOnlyList<HallListed>> ListAsync(string? region, (double Longitude, double Latitude)? near, CancellationToken cancel)
    {
        var found = new List<(HallListed Listed, double Away)>();
        await using var database = await databases.CreateDbContextAsync(cancel);
        await database.Database.OpenConnectionAsync(cancel);
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT hall, name_zh, name_en, region, longitude, latitude, open, waiting, estimate_json, opens_at FROM halls ORDER BY number";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            IReadOnlyList<Text> regions = reader.IsDBNull(3) ? [] : JsonSerializer.Deserialize<List<Text>>(reader.GetString(3), FeedJson.Options)!;
            if (region is not null && !regions.Any(r => r.Zh == region || string.Equals(r.En, region, StringComparison.OrdinalIgnoreCase))) continue;
            var estimate = reader.IsDBNull(8) ? null : JsonSerializer.Deserialize<EstimateView>(reader.GetString(8), FeedJson.Options);
            var listed = new HallListed(reader.GetString(0), new Text(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)), regions, reader.GetBoolean(6), reader.GetInt32(7), estimate,
                reader.IsDBNull(9) ? null : DateTimeOffset.Parse(reader.GetString(9), System.Globalization.CultureInfo.InvariantCulture));
            found.Add((listed, near is { } from && !reader.IsDBNull(4) ? Away(from, (reader.GetDouble(4), reader.GetDouble(5))) : double.PositiveInfinity));
        }
        return near is null ? [.. found.Select(f => f.Listed)] : [.. found.OrderBy(f => f.Away).Select(f => f.Listed)];
    }

    public async ValueTask HasAsync(uint hall, long sequence, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(WaitAtMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        var has = settings.Cluster is null && engine.Projection is { } here ? here.CaughtUpAsync(hall, sequence, either.Token) : ListedAsync(hall, sequence, either.Token);
        await has.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Where another process may be the one that lists it.</summary>
    private async Task ListedAsync(uint hall, long sequence, CancellationToken cancel)
    {
        await using var database = await databases.CreateDbContextAsync(cancel);
        var number = (long)hall;
        while (!await database.Database.SqlQuery<long>($"SELECT sequence AS \"Value\" FROM halls WHERE number = {number} AND sequence >= {sequence}").AnyAsync(cancel)) await Task.Delay(LookEvery, time, cancel);
    }

    // Haversine on the unit sphere: only the order matters.
    private static double Away((double Longitude, double Latitude) a, (double Longitude, double Latitude) b)
    {
        var (latitudeA, latitudeB) = (double.DegreesToRadians(a.Latitude), double.DegreesToRadians(b.Latitude));
        var (dLatitude, dLongitude) = (latitudeB - latitudeA, double.DegreesToRadians(b.Longitude - a.Longitude));
        return Math.Pow(Math.Sin(dLatitude / 2), 2) + Math.Cos(latitudeA) * Math.Cos(latitudeB) * Math.Pow(Math.Sin(dLongitude / 2), 2);
    }
}
