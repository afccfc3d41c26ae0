using System.Diagnostics;
using System.Text;
using HallOps.Web.Cli;
using Microsoft.Data.Sqlite;

namespace HallOps.Web.Tests.Cli;

/// <summary>Runs commands as the program does: what they print, and how they end.</summary>
internal static class CommandRun
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>
    /// In the tests' own process, where what a command needs is compiled already: a process takes two to three seconds of a processor for it, over a hundred times. Not for commands that write to the standard
    /// output itself.
    /// </summary>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        // Somebody watches these tests: a command would draw its progress for them.
        if (!Console.IsErrorRedirected) return await ProcessAsync("", args);
        var printed = Printed.Begin();
        var exit = await CommandLine.RunAsync(args).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        // A process would have let go of its databases.
        SqliteConnection.ClearAllPools();
        return (exit, printed.Output.ToString().ReplaceLineEndings("\n"), printed.Error.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>The built program as a process.</summary>
    /// <param name="input">All that the command can read from its standard input.</param>
    public static async Task<(int Exit, string Output, string Error)> ProcessAsync(string input, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(CommandLine).Assembly.Location);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"hallops {string.Join(' ', args)} was to end within a minute; it printed: {await output} {await error}");
        }
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    /// <summary>What one flow of execution prints; other tests print beside it.</summary>
    private sealed class Printed
    {
        private static readonly AsyncLocal<Printed?> Current = new();

        static Printed()
        {
            Console.SetOut(new Writer(Console.Out, printed => printed.Output));
            Console.SetError(new Writer(Console.Error, printed => printed.Error));
        }

        public StringWriter Output { get; } = new();
        public StringWriter Error { get; } = new();

        public static Printed Begin() => Current.Value = new Printed();

        private sealed class Writer(TextWriter others, Func<Printed, TextWriter> own) : TextWriter
        {
            public override Encoding Encoding => others.Encoding;
            private TextWriter Here => Current.Value is { } printed ? own(printed) : others;
            public override void Write(char value) => Here.Write(value);
            public override void Write(string? value) => Here.Write(value);
            public override void Write(char[] buffer, int index, int count) => Here.Write(buffer, index, count);
            public override void WriteLine(string? value) => Here.WriteLine(value);
        }
    }
}
