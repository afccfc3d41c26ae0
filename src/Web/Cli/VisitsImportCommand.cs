using System.Net;
using System.Net.Http.Json;
using HallOps.Silo.Feeds;
using HallOps.Web.Operations;
using HallOps.Web.Storage;
using HallOps.Web.Visits;

namespace HallOps.Web.Cli;

/// <summary><c>visits import FILE… [--check]</c>: what was counted before HallOps, with a report of the rows refused and why.</summary>
internal static class VisitsImportCommand
{
    /// <summary>1 where a file is none, or a row of one was refused.</summary>
    public static async Task<int> RunAsync(Settings settings, string[] files, bool check)
    {
        // A file that cannot be read is said before the first is loaded.
        foreach (var file in files) await InputFile.Open(file).DisposeAsync();
        return await FolderWork.RunAsync(settings.Folder,
            running: client => EachAsync(files, check, (stream, file) => SendAsync(client, stream, file, check)),
            standing: () => FolderWork.WithEngineAsync(settings, services => EachAsync(files, check, async (stream, file) =>
            {
                var progress = new Progress("read", null);
                var done = await services.GetRequiredService<VisitsImporter>().RunAsync(stream, Path.GetFileName(file), check, progress.Told, CancellationToken.None);
                progress.Done();
                return done;
            })));
    }

    private static async Task<int> EachAsync(string[] files, bool check, Func<Stream, string, Task<VisitsImported>> import)
    {
        var wrong = false;
        foreach (var file in files)
        {
            try
            {
                await using var stream = InputFile.Open(file);
                var done = await import(stream, file);
                Console.WriteLine(FormattableString.Invariant($"{file}: {done.Imported} {(check ? "would be imported" : "imported")}, {done.Known} imported before, {done.RefusedCount} refused"));
                foreach (var refused in done.Refused) Console.Error.WriteLine(FormattableString.Invariant($"{file}: {refused.Count} refused, the first in line {refused.FirstLine}: {refused.Reason}."));
                wrong |= done.Refused.Count > 0;
            }
            catch (VisitsFileException e)
            {
                Console.Error.WriteLine($"hallops: {file} {e.Message}.");
                wrong = true;
            }
        }
        return wrong ? 1 : 0;
    }

    private static async Task<VisitsImported> SendAsync(HttpClient client, Stream stream, string file, bool check)
    {
        using var body = new StreamContent(stream);
        using var answer = await client.PostAsync(new Uri($"{LocalEndpoints.Path}/visits?check={(check ? "true" : "false")}&name={Uri.EscapeDataString(Path.GetFileName(file))}", UriKind.Relative), body);
        if (answer.StatusCode == HttpStatusCode.UnprocessableEntity) throw new VisitsFileException(await answer.Content.ReadAsStringAsync());
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<VisitsImported>(FeedJson.Options))!;
    }
}
