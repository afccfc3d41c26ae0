using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Audit;

/// <summary>The audit, for auditors: read only, since nobody writes it but the server itself.</summary>
public static class AuditEndpoints
{
    private const int MaxRows = 1000;

    public static void AddAudit(this IServiceCollection services) => services.AddSingleton<AuditLog>().AddScoped<AuditBook>();

    public static void MapAudit(this IEndpointRouteBuilder api) => api.MapGet("/audit", ReadAsync);

    private static async Task<Results<Ok<AuditPage>, Problem>> ReadAsync(HttpContext http, AuditBook book, long? before, int limit = 100)
    {
        var caller = Caller.Of(http.User);
        if (caller.IsAnonymous) return Problem.Of("SignInNeeded");
        // Not admins: they are whom it watches. One who makes an auditor of himself leaves a row.
        if (!caller.Grants.Any(g => g.Role == Role.Auditor)) return Problem.Of("NotAllowed");
        if (limit is < 1 or > MaxRows) return Problem.BadField("limit", $"must be from 1 to {MaxRows}");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await book.ReadAsync(caller, before, limit, http.RequestAborted));
    }
}
