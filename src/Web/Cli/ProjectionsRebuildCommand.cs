using System.Text.Json;
using HallOps.Silo.Projections;
using HallOps.Web.Operations;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>projections rebuild</c>: what reports read, made anew from the journal hall by hall, through the running server or on the folder. Progress goes to standard error.</summary>
internal static class ProjectionsRebuildCommand
{
    public static async Task<int> RunAsync(Settings settings)
    {
        if (settings.Folder.IsNew) throw new StartRefusedException($"There is nothing to make anew in {settings.Folder.FullPath}.");
        var tally = new Outcome();
        await FolderWork.RunAsync(settings.Folder, client => AskAsync(client, tally), () => FolderWork.WithEngineAsync(settings, async services =>
        {
            await services.GetRequiredService<EngineHost>().Projection!.RebuildAsync(tally.Told, CancellationToken.None);
            return true;
        }));
        Console.WriteLine(FormattableString.Invariant($"{settings.Folder.FullPath}: {tally.Halls} halls made anew from {tally.Events:N0} events"));
        return tally.Damaged == 0 ? 0 : 1;
    }

    private static async Task<bool> AskAsync(HttpClient client, Outcome tally)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, new Uri($"{LocalEndpoints.Path}/projections/rebuild", UriKind.Relative));
        using var answer = await client.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == System.Net.HttpStatusCode.UnprocessableEntity) throw new StartRefusedException(await answer.Content.ReadAsStringAsync());
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        try
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                if (JsonSerializer.Deserialize<RebuildStep>(line) is not { } step) return true;
                tally.Told(step);
            }
        }
        catch (IOException)
        {
            // Said below, as every other way to be cut off.
        }
        throw new StartRefusedException("The server broke off; what was made anew stays, the other halls keep what they had. Its log says why.");
    }

    private sealed class Outcome
    {
        private readonly bool _watched = !Console.IsErrorRedirected;

        public int Halls { get; private set; }
        public long Events { get; private set; }
        public int Damaged { get; private set; }

        public void Told(RebuildStep step)
        {
            var what = FormattableString.Invariant($"{step.Number} of {step.Halls}, {step.Hall}: {step.Done:N0} of {step.Events:N0} events");
            if (_watched) Console.Error.Write($"\r{what,-78}{(step.IsDone ? "\n" : "")}");
            else if (step.IsDone) Console.Error.WriteLine(what);
            if (!step.IsDone) return;
            if (step.Problem is { } problem)
            {
                Damaged++;
                Console.Error.WriteLine($"hallops: hall {step.Hall} keeps the rows it has: {problem}");
                return;
            }
            Halls++;
            Events += step.Events;
        }
    }
}
