using HallOps.Core.Halls;
using HallOps.Silo.Journal;
using HallOps.Web.Halls;
using HallOps.Web.Problems;
using HallOps.Web.Storage;
using HallOps.Web.Visits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace HallOps.Web.Operations;

/// <summary>What commands on the same machine ask of the running server; nobody else gets in.</summary>
internal static class LocalEndpoints
{
    public const string Path = "/api/v1/local";

    public static void MapLocal(this WebApplication app)
    {
        var local = app.MapGroup(Path).AddEndpointFilter(app.Services.GetRequiredService<LocalSecret>().Only).AllowAnonymous().ExcludeFromDescription();
        local.MapPost("/import", ImportAsync).WithMetadata(new RequestSizeLimitAttribute(HallDocument.MaxBytes));
        local.MapPost("/backup", BackUp);
        local.MapPost("/projections/rebuild", RebuildAsync);
        local.MapPost("/person/export", ExportPersonAsync);
        local.MapPost("/person/erase", ErasePersonAsync);
        local.MapPost("/visits", ImportVisitsAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    private static async Task<Results<Ok<HallImported>, Problem>> ImportAsync(HttpContext http, HallImport import, bool check = false)
    {
        var (read, wrong) = await RequestBody.ReadAsync(http, HallDocument.MaxBytes);
        if (wrong is not null) return wrong;
        using var body = read!;
        return TypedResults.Ok(await import.RunAsync(body.Bytes.ToArray(), check, http.RequestAborted));
    }

    /// <summary>A line of JSON for each step, as it is done.</summary>
    private static async Task RebuildAsync(HttpContext http, EngineHost engine)
    {
        if (engine.Projection is not { } projection)
        {
            await TypedResults.Text("This node runs no halls: rebuild where a silo runs.", statusCode: StatusCodes.Status422UnprocessableEntity).ExecuteAsync(http);
            return;
        }
        http.Response.ContentType = "application/x-ndjson";
        var steps = System.Threading.Channels.Channel.CreateUnbounded<HallOps.Silo.Projections.RebuildStep>();
        var rebuilding = Task.Run(async () =>
        {
            try
            {
                await projection.RebuildAsync(step => steps.Writer.TryWrite(step), http.RequestAborted);
            }
            finally
            {
                steps.Writer.Complete();
            }
        });
        await foreach (var step in steps.Reader.ReadAllAsync(http.RequestAborted))
        {
            await http.Response.WriteAsync(System.Text.Json.JsonSerializer.Serialize(step) + "\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
        await rebuilding;
        // Whoever does not see this was cut off.
        await http.Response.WriteAsync("null\n", http.RequestAborted);
    }

    private static async Task<Results<Ok<PersonExport>, NotFound, ContentHttpResult>> ExportPersonAsync(HttpContext http, PersonalData data, AskedPerson asked)
    {
        try
        {
            return await data.ExportAsync(asked.Kind, asked.Value, http.RequestAborted) is { } export ? TypedResults.Ok(export) : TypedResults.NotFound();
        }
        catch (PersonalDataException e)
        {
            return TypedResults.Text(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<Results<Ok, NotFound, ContentHttpResult>> ErasePersonAsync(HttpContext http, PersonalData data, AskedPerson asked)
    {
        try
        {
            return await data.EraseAsync(asked.Kind, asked.Value, http.RequestAborted) ? TypedResults.Ok() : TypedResults.NotFound();
        }
        catch (PersonalDataException e)
        {
            return TypedResults.Text(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }

    internal sealed record AskedPerson(string Kind, string Value);

    // Files of visits are as long as they are: kept on the disk while they are read, which is not done a piece at a time.
    private static async Task<Results<Ok<VisitsImported>, ContentHttpResult>> ImportVisitsAsync(HttpContext http, DataFolder folder, VisitsImporter importer, string name, bool check = false)
    {
        await using var file = OwnerOnly.Create(System.IO.Path.Combine(folder.FullPath, $"{Backup.WorkPrefix}{Guid.NewGuid():N}.csv"), FileOptions.DeleteOnClose);
        await http.Request.Body.CopyToAsync(file, http.RequestAborted);
        file.Position = 0;
        try
        {
            return TypedResults.Ok(await importer.RunAsync(file, name, check, null, http.RequestAborted));
        }
        catch (VisitsFileException e)
        {
            return TypedResults.Text(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }

    // Made whole before the first byte is sent, so that its length is known and a copy that breaks off is seen.
    private static Results<FileStreamHttpResult, ContentHttpResult> BackUp(DataFolder folder, EngineHost engine, TimeProvider time)
    {
        if (engine.Journal is not SqliteJournal journal) return TypedResults.Text(Backup.NotWithRedis(folder), statusCode: StatusCodes.Status422UnprocessableEntity);
        var path = System.IO.Path.Combine(folder.FullPath, $".backup-{Guid.NewGuid():N}.zip");
        var file = OwnerOnly.Create(path, FileOptions.DeleteOnClose);
        try
        {
            Backup.Write(folder, journal.BackupTo, file, time.GetUtcNow());
            file.Position = 0;
            return TypedResults.Stream(file, "application/zip");
        }
        catch (JournalUnusableException e)
        {
            file.Dispose();
            return TypedResults.Text(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
