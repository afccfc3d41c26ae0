using System.Net;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using HallOps.Silo.Feeds;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>person export|erase id|phone</c>: what is kept of a person, or that it be forgotten. The number is read from standard input, so that it is in no list of processes and no shell's history.</summary>
internal static class PersonCommand
{
    private static readonly JsonSerializerOptions Readable = new(FeedJson.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>1 where nobody is known by the number.</summary>
    public static async Task<int> ExportAsync(Settings settings, string kind)
    {
        var export = await RunAsync(settings, kind, "export", (data, value) => data.ExportAsync(kind, value, CancellationToken.None), async answer => await answer.Content.ReadFromJsonAsync<PersonExport>(FeedJson.Options));
        if (export is null) return Nobody();
        Console.WriteLine(JsonSerializer.Serialize(export, Readable));
        return 0;
    }

    /// <summary>1 where nobody is known by the number.</summary>
    public static async Task<int> EraseAsync(Settings settings, string kind)
    {
        if (!await RunAsync(settings, kind, "erase", (data, value) => data.EraseAsync(kind, value, CancellationToken.None), static _ => Task.FromResult(true))) return Nobody();
        Console.WriteLine($"{settings.Folder.FullPath}: erased; the visits stay, and are nobody's");
        return 0;
    }

    private static int Nobody()
    {
        Console.Error.WriteLine("hallops: Nobody is known by that number: never named, erased, or forgotten 30 days after the last visit.");
        return 1;
    }

    private static async Task<T?> RunAsync<T>(Settings settings, string kind, string act, Func<PersonalData, string, Task<T?>> here, Func<HttpResponseMessage, Task<T?>> read)
    {
        if (settings.Folder.IsNew) throw new StartRefusedException($"Nobody is known in {settings.Folder.FullPath}: it has no data.");
        if (!Console.IsInputRedirected) await Console.Error.WriteAsync(kind == "id" ? "ID number: " : "Telephone number: ");
        var value = (await Console.In.ReadLineAsync())?.Trim() ?? "";
        try
        {
            return await FolderWork.RunAsync(settings.Folder, async client =>
            {
                using var answer = await client.PostAsJsonAsync(new Uri($"{LocalEndpoints.Path}/person/{act}", UriKind.Relative), new LocalEndpoints.AskedPerson(kind, value));
                if (answer.StatusCode == HttpStatusCode.NotFound) return default;
                if (answer.StatusCode == HttpStatusCode.UnprocessableEntity) throw new PersonalDataException(await answer.Content.ReadAsStringAsync());
                answer.EnsureSuccessStatusCode();
                return await read(answer);
            }, () => FolderWork.WithEngineAsync(settings, services => here(services.GetRequiredService<PersonalData>(), value)));
        }
        catch (PersonalDataException e)
        {
            throw new StartRefusedException(e.Message, e);
        }
    }
}
