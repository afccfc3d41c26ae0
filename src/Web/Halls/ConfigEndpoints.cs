using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace HallOps.Web.Halls;

/// <summary>A hall's document: read and changed whole, with its version as ETag.</summary>
public static class ConfigEndpoints
{
    public static void MapConfig(this IEndpointRouteBuilder api)
    {
        api.MapGet("/halls/{hall}/config", ReadAsync).Reads<object>(Act.ReadConfig);
        api.MapPut("/halls/{hall}/config", PutAsync).Commands<object, ConfiguredHall>(Act.ChangeConfig).Produces<ConfiguredHall>(StatusCodes.Status201Created)
            .Produces<ProblemShape>(StatusCodes.Status412PreconditionFailed, "application/problem+json").WithMetadata(new DocumentSize());
        api.MapPost("/halls/{hall}/config/check", CheckAsync).Commands<object, HallImported>(Act.ChangeConfig).WithMetadata(new DocumentSize());
    }

    private static async Task<Results<FileContentHttpResult, Problem>> ReadAsync(string hall, HttpContext http, IHalls halls)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ReadConfig) is { } no) return no;
        if (await halls.ReadAsync(id, new ReadConfig(), http.RequestAborted) is not { } config) return Problem.Of("UnknownHall");
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(config.Document.Unpack(), "application/json; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{config.Document.Version}\""));
    }

    private static async Task<Results<Answer<ConfiguredHall>, Problem>> PutAsync(string hall, HttpContext http, HallDocuments documents)
    {
        var id = new HallId(hall);
        var caller = Caller.Of(http.User);
        if (Rights.Against(caller, id, Act.ChangeConfig) is { } no) return no;
        var (read, wrong) = await RequestBody.ReadAsync(http, HallDocument.MaxBytes);
        if (wrong is not null) return wrong;
        using var body = read!;
        if (body.IsEmpty) return Problem.Of("BodyMissing");
        if (!DoorKey.TryOf(http, caller, id, body, out var key, out var badKey)) return badKey;
        if (!TryIfMatch(http.Request.Headers.IfMatch, out var version)) return Problem.Of("VersionChanged");

        var outcome = await documents.PutAsync(caller, id, body.Bytes.ToArray(), version, key, http.RequestAborted);
        if (outcome.Hall is not { } configured) return outcome.Problem!;
        http.Response.Headers.ETag = $"\"{configured.Version}\"";
        return new Answer<ConfiguredHall>(configured.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK, configured, Wire.Json.ConfiguredHall);
    }

    /// <summary>What <c>hall import --check</c> says of the document, in its words.</summary>
    private static async Task<Results<Ok<HallImported>, Problem>> CheckAsync(string hall, HttpContext http, IHalls halls, [FromServices] HallImport import)
    {
        var id = new HallId(hall);
        if (Rights.Against(Caller.Of(http.User), id, Act.ChangeConfig) is { } no) return no;
        if (halls.Find(id) is null) return Problem.Of("UnknownHall");
        var (read, wrong) = await RequestBody.ReadAsync(http, HallDocument.MaxBytes);
        if (wrong is not null) return wrong;
        using var body = read!;
        http.Response.Headers.CacheControl = "no-store";
        return body.IsEmpty ? Problem.Of("BodyMissing") : TypedResults.Ok(await import.CheckAsync(id, body.Bytes.ToArray(), http.RequestAborted));
    }

    // A tag that no version of ours can be matches nothing, which is what 412 says.
    internal static bool TryIfMatch(string? header, out TextHash? version)
    {
        version = null;
        if (string.IsNullOrEmpty(header) || header == "*") return true;
        if (header.Length != 34 || header[0] != '"' || header[^1] != '"') return false;
        if (!UInt128.TryParse(header.AsSpan(1, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        version = new TextHash(value);
        return true;
    }

    // The server's own limit stands at what a command may have; a document is larger.
    internal sealed class DocumentSize : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => HallDocument.MaxBytes;
    }
}
