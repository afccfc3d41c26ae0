using System.Net.Http.Headers;
using System.Net.Http.Json;
using HallOps.Silo.Feeds;
using HallOps.Web.Halls;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>hall import FILE… [--check]</c>: all documents are checked before the first is taken.</summary>
internal static class HallImportCommand
{
    private delegate Task<HallImported> Import(byte[] document, bool check);

    public static async Task<int> RunAsync(Settings settings, string[] files, bool check)
    {
        var documents = files.Select(file => (File: file, Utf8: Read(file))).ToList();
        return await FolderWork.RunAsync(settings.Folder,
            running: client => ImportAsync(documents, check, (document, only) => SendAsync(client, document, only)),
            standing: () => FolderWork.WithEngineAsync(settings, services => ImportAsync(documents, check,
                (document, only) => services.GetRequiredService<HallImport>().RunAsync(document, only, CancellationToken.None))));
    }

    private static async Task<int> ImportAsync(List<(string File, byte[] Utf8)> documents, bool check, Import import)
    {
        var wrong = false;
        foreach (var (file, utf8) in documents) wrong |= !Tell(file, await import(utf8, true), show: check);
        if (wrong || check) return wrong ? 1 : 0;
        foreach (var (file, utf8) in documents) wrong |= !Tell(file, await import(utf8, false), show: true);
        return wrong ? 1 : 0;
    }

    // False when it cannot be imported.
    private static bool Tell(string file, HallImported imported, bool show)
    {
        foreach (var problem in imported.Problems) Console.Error.WriteLine($"{file}: {problem}");
        if (imported.Problems.Count > 0) return false;
        if (!show) return true;
        var done = imported.Applied ? (imported.Created ? "added" : "changed") : imported.Changes.Count == 0 ? "as it is" : imported.Created ? "would be added" : "would be changed";
        Console.WriteLine($"{imported.Hall}: {done} ({file})");
        foreach (var change in imported.Changes) Console.WriteLine($"  {change}");
        foreach (var warning in imported.Warnings) Console.WriteLine($"  ! {warning}");
        return true;
    }

    private static async Task<HallImported> SendAsync(HttpClient client, byte[] document, bool check)
    {
        using var body = new ByteArrayContent(document);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.PostAsync(new Uri($"{LocalEndpoints.Path}/import?check={(check ? "true" : "false")}", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<HallImported>(FeedJson.Options))!;
    }

    private static byte[] Read(string file)
    {
        try
        {
            return new FileInfo(file).Length <= Core.Halls.HallDocument.MaxBytes ? File.ReadAllBytes(file)
                : throw new StartRefusedException($"{file} is larger than the {Core.Halls.HallDocument.MaxBytes >> 20} MiB a hall's document may have.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
