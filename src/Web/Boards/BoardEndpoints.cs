using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Boards;

/// <summary>The hall's board, whole or of one zone.</summary>
public static class BoardEndpoints
{
    public static void MapBoards(this IEndpointRouteBuilder api) =>
        api.MapGet("/halls/{hall}/board", ReadAsync).Reads<HallBoard>(Act.ReadPublic);

    private static async Task<Results<Answer<HallBoard>, Problem>> ReadAsync(string hall, string? zone, HttpContext http, IHalls halls, BoardJson json)
    {
        if (halls.Find(new HallId(hall)) is not { } known) return Problem.Of("UnknownHall");
        return await halls.ReadAsync(known.Hall, new ReadBoard(string.IsNullOrEmpty(zone) ? null : new ZoneId(zone)), http.RequestAborted) is { } board
            ? new Answer<HallBoard>(StatusCodes.Status200OK, board, json.Of<HallBoard>())
            : Problem.Of("UnknownZone");
    }
}
