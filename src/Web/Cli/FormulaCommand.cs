using System.Text.Json;
using HallOps.Core.Foresight.Formulas;
using HallOps.Web.Storage;

namespace HallOps.Web.Cli;

/// <summary><c>formula NAME</c>: the values of one formula (docs/foresight.md), classes in the order given.</summary>
internal static class FormulaCommand
{
    /// <summary>The options of each formula, by its name.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Options = new Dictionary<string, string[]>
    {
        ["erlang-b"] = ["servers", "load"],
        ["erlang-c"] = ["servers", "load"],
        ["mg1"] = ["arrival-rate", "mean-service", "scv"],
        ["priority"] = ["servers", "service-rate", "arrival-rates"],
        ["accumulating"] = ["servers", "service-rate", "arrival-rates", "slopes"],
        ["square-root"] = ["load", "beta"],
    };

    public static int Run(string formula, Func<string, string?> option)
    {
        var values = Values(formula, option);
        JsonOutput.Print(readable: true, (json, _) =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in values) Write(json, name, value);
            json.WriteEndObject();
        });
        return 0;
    }

    private static (string Name, object Value)[] Values(string formula, Func<string, string?> option)
    {
        switch (formula)
        {
            case "erlang-b":
                return [("blocking", Erlang.B(Servers(0), Load()))];
            case "erlang-c":
                var (servers, load) = (Servers(1), Load());
                RefuseOverload(load / servers);
                return [("probabilityOfWaiting", Erlang.C(servers, load)), ("meanWaitInServices", Erlang.MeanWait(servers, load, 1))];
            case "mg1":
                var (rate, mean, scv) = (Number("arrival-rate"), Positive("mean-service"), Number("scv"));
                RefuseOverload(rate * mean);
                var wait = SingleServer.MeanWait(rate, mean, scv);
                return [("occupancy", rate * mean), ("meanWait", wait), ("meanWaiting", rate * wait)];
            case "priority":
                var (windows, each, classes) = (Servers(1), Positive("service-rate"), Numbers.List("arrival-rates", option("arrival-rates"), above: false));
                RefuseOverload(classes.Sum() / each / windows);
                return [("probabilityOfWaiting", Erlang.C(windows, classes.Sum() / each)), ("meanWait", Priorities.Strict(windows, each, classes))];
            case "accumulating":
                var (count, service, rates) = (Servers(1), Positive("service-rate"), Numbers.List("arrival-rates", option("arrival-rates"), above: false));
                var slopes = Numbers.List("slopes", option("slopes"), above: true);
                if (slopes.Length != rates.Length) throw new StartRefusedException(FormattableString.Invariant($"--slopes must be as many as --arrival-rates: {rates.Length}, was {slopes.Length}."));
                RefuseOverload(rates.Sum() / service / count);
                return [("probabilityOfWaiting", Erlang.C(count, rates.Sum() / service)), ("meanWait", Priorities.Accumulating(count, service, rates, slopes))];
            default:
                var beta = Number("beta");
                (string, object) limit = ("probabilityOfWaiting", SquareRootStaffing.ProbabilityOfWaiting(beta));
                // The limit is of beta alone.
                return option("load") is null ? [limit] : [("windows", SquareRootStaffing.Windows(Load(), beta)), limit];
        }

        int Servers(int least) => Numbers.Whole("servers", option("servers"), least);
        double Load() => Number("load");
        double Number(string name) => Numbers.Of(name, option(name));
        double Positive(string name) => Numbers.Of(name, option(name), above: true);
    }

    private static void RefuseOverload(double occupancy)
    {
        if (occupancy >= 1) throw new StartRefusedException(FormattableString.Invariant($"The load must be less than the servers can do, was {occupancy:0.###} of it: the line would grow without end."));
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        json.WritePropertyName(name);
        if (value is double[] classes)
        {
            json.WriteStartArray();
            foreach (var each in classes) json.WriteNumberValue(each);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNumberValue(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
