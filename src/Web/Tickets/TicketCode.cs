using System.Globalization;
using System.Text;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using QRCoder;

namespace HallOps.Web.Tickets;

/// <summary>The code on a slip: the address of the visitor's page as a QR code.</summary>
public static class TicketCode
{
    public static void MapTicketCode(this IEndpointRouteBuilder api) =>
        api.MapGet("/tickets/{token}/code.svg", Read).WithMetadata(Act.ReadTicket).Produces<string>(StatusCodes.Status200OK, "image/svg+xml").Produces<ProblemShape>(StatusCodes.Status404NotFound, "application/problem+json");

    // The address as this caller reached the server: that is the one a telephone in the same hall reaches it by.
    private static Results<ContentHttpResult, Problem> Read(string token, HttpContext http, TicketTokens tokens)
    {
        if (!tokens.TryRead(token, out _)) return Problem.Of("UnknownTicket");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(Svg($"{http.Request.Scheme}://{http.Request.Host}/t#{token}"), "image/svg+xml", Encoding.UTF8);
    }

    /// <summary>A square picture, its quiet zone included, a unit a module. Level M (15 %): thermal paper has streaks.</summary>
    public static string Svg(string address)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(address, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (!rows[y][x]) continue;
                var from = x;
                while (x + 1 < rows[y].Count && rows[y][x + 1]) x++;
                path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from + 1}v1H{from}z");
            }
        return $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {rows.Count} {rows.Count}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{rows.Count}v{rows.Count}H0z"/><path d="{path}"/></svg>""";
    }
}
