using System.Collections.Concurrent;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Boards;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Halls;

/// <summary>A hall where the same matter can be seen to.</summary>
/// <param name="Service">What it is called there.</param>
/// <param name="Waiting">In that service's line.</param>
/// <param name="Estimate">For one who joins that line now.</param>
public sealed record OtherHall(string Hall, Text Name, string Service, int Waiting, EstimateView? Estimate);

/// <summary>
/// Where else a service is to be had, for those whom a suspension keeps waiting: halls of this server with a service of the same code of the catalogue that a window serves there now. Safe from any thread.
/// </summary>
public sealed class OtherHalls(IHalls halls, IHallList list, TimeProvider time)
{
    /// <summary>As many as a phone shows without scrolling far.</summary>
    private const int MostShown = 3;

    /// <summary>The nearest halls that are looked at: each may have to be woken.</summary>
    private const int MostLookedAt = 24;

    /// <summary>A whole hall asks at the moment it is suspended; what it is told is as old as this at most.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(20);

    /// <summary>Services of which an answer is kept: more are asked for only by somebody who tries names.</summary>
    private const int MostKept = 1_000;

    private readonly ConcurrentDictionary<(HallId, ServiceId), (long At, Task<IReadOnlyList<OtherHall>?> Found)> _kept = new();

    /// <summary>The nearest first; empty for a service without a code. Null for a hall or service that does not exist.</summary>
    public async Task<IReadOnlyList<OtherHall>?> FindAsync(HallId hall, ServiceId service)
    {
        if (_kept.TryGetValue((hall, service), out var kept) && time.GetElapsedTime(kept.At) < KeptFor && !kept.Found.IsFaulted) return await kept.Found;
        if (_kept.Count >= MostKept) _kept.Clear();
        var found = LookAsync(hall, service);
        _kept[(hall, service)] = (time.GetTimestamp(), found);
        return await found;
    }

    // Of nobody's request: everybody who asks meanwhile is given the same.
    private async Task<IReadOnlyList<OtherHall>?> LookAsync(HallId hall, ServiceId service)
    {
        if (await halls.ReadAsync(hall, new ReadConfig(), CancellationToken.None) is not { Settings: var own } || !own.ServiceById.TryGetValue(service, out var wanted)) return null;
        if (wanted.Code is not { } code) return [];
        var near = await list.ListAsync(region: null, own.Location, CancellationToken.None);
        var found = new List<OtherHall>();
        foreach (var other in near.Where(h => h.Open && h.Hall != hall.Value).Take(MostLookedAt))
        {
            if (await OfferOfAsync(new HallId(other.Hall), code) is { } offer) found.Add(offer);
            if (found.Count == MostShown) break;
        }
        return found;
    }

    private async Task<OtherHall?> OfferOfAsync(HallId hall, string code)
    {
        try
        {
            if ((await halls.ReadAsync(hall, new ReadConfig(), CancellationToken.None))?.Settings.Services.FirstOrDefault(s => s.Code == code) is not { } service) return null;
            if (await halls.ReadAsync(hall, new ReadHall(), CancellationToken.None) is not { } view || !view.Services.First(s => s.Service == service.Service.Value).OfferedNow) return null;
            if (await halls.ReadAsync(hall, new ReadBoard(), CancellationToken.None) is not { } board) return null;
            var line = board.Lines.First(l => l.Line == service.Line.Value);
            // Nobody is sent to a closed window.
            return line.OpenWindows == 0 ? null : new OtherHall(hall.Value, view.Name, service.Service.Value, line.Waiting, line.Estimate);
        }
        catch (HallUnavailableException)
        {
            // One hall that cannot be read is none to send people to.
            return null;
        }
    }
}

public static class OtherHallEndpoints
{
    public static void MapOtherHalls(this IEndpointRouteBuilder api) => api.MapGet("/halls/{hall}/elsewhere", ElsewhereAsync).Reads<IReadOnlyList<OtherHall>>(Act.ReadPublic);

    private static async Task<Results<Answer<IReadOnlyList<OtherHall>>, Problem>> ElsewhereAsync(string hall, string? service, IHalls halls, OtherHalls others, BoardJson json)
    {
        var id = new HallId(hall);
        if (halls.Find(id) is null) return Problem.Of("UnknownHall");
        if (string.IsNullOrEmpty(service)) return Problem.BadField("service", "must be given: the service that is looked for elsewhere");
        return await others.FindAsync(id, new ServiceId(service)) is { } found
            ? new Answer<IReadOnlyList<OtherHall>>(StatusCodes.Status200OK, found, json.Of<IReadOnlyList<OtherHall>>())
            : Problem.Of("UnknownService", ("field", "service"));
    }
}
