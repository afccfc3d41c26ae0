using HallOps.Core.Halls;
using HallOps.Silo;

namespace HallOps.Web.Halls;

/// <summary>The halls as the list shows them.</summary>
public interface IHallList
{
    /// <param name="region">Only halls that have this name, Chinese or English, among their regions; null: all.</param>
    /// <param name="near">Longitude and latitude in degrees: the nearest first, those without a place last; null: by number.</param>
    ValueTask<IReadOnlyList<HallListed>> ListAsync(string? region, (double Longitude, double Latitude)? near, CancellationToken cancel);
}

/// <summary>The list read from the halls themselves: right at once, and dear with thousands of halls.</summary>
public sealed class ReadHallList(IHalls halls) : IHallList
{
    public async ValueTask<IReadOnlyList<HallListed>> ListAsync(string? region, (double Longitude, double Latitude)? near, CancellationToken cancel)
    {
        var found = new List<(HallListed Listed, double Away)>();
        foreach (var hall in halls.Halls.OrderBy(h => h.Number))
        {
            // A hall that stands still is left out of the list and leaves the others in it.
            HallConfig? config;
            HallBoard? board;
            try
            {
                config = await halls.ReadAsync(hall.Hall, new ReadConfig(), cancel);
                board = await halls.ReadAsync(hall.Hall, new ReadBoard(), cancel);
            }
            catch (HallUnavailableException)
            {
                continue;
            }
            if (config is null || board is null) continue;
            var settings = config.Settings;
            if (region is not null && !settings.Region.Any(r => r.Zh == region || string.Equals(r.En, region, StringComparison.OrdinalIgnoreCase))) continue;
            var listed = new HallListed(hall.Hall.Value, settings.Name, settings.Region, board.Open, board.Lines.Sum(l => l.Waiting),
                board.Lines.Select(l => l.Estimate).Where(e => e is not null).MaxBy(e => e!.MedianSeconds), OpensAt: null);
            found.Add((listed, near is { } from && settings.Location is { } at ? Away(from, at) : double.PositiveInfinity));
        }
        return near is null ? [.. found.Select(f => f.Listed)] : [.. found.OrderBy(f => f.Away).Select(f => f.Listed)];
    }

    // Haversine on the unit sphere: only the order matters.
    private static double Away((double Longitude, double Latitude) a, (double Longitude, double Latitude) b)
    {
        var (latitudeA, latitudeB) = (double.DegreesToRadians(a.Latitude), double.DegreesToRadians(b.Latitude));
        var (dLatitude, dLongitude) = (latitudeB - latitudeA, double.DegreesToRadians(b.Longitude - a.Longitude));
        return Math.Pow(Math.Sin(dLatitude / 2), 2) + Math.Cos(latitudeA) * Math.Cos(latitudeB) * Math.Pow(Math.Sin(dLongitude / 2), 2);
    }
}
